#include "support/paid_order.hpp"

#include <chrono>

namespace rb::test {
namespace {

std::string quoted(const std::string& text) {
    return "'" + text + "'";
}

template <typename TypedId>
std::string quoted(TypedId id) {
    return quoted(id.to_string());
}

std::string sql_time(core::Timestamp when) {
    return "to_timestamp(" + std::to_string(when.time_since_epoch().count()) + " / 1000000.0)";
}

// The two movements of money: the customer was credited by hand, then paid.
std::string book(core::IdSource& ids, const PaidOrder& made, const std::string& credited,
                 const std::string& price, const std::string& left) {
    const auto credit = ids.next().to_string();
    const auto pay = ids.next().to_string();
    const auto credit_row = ids.next().to_string();
    const auto pay_row = ids.next().to_string();
    const auto customer = quoted(made.customer);
    return "INSERT INTO ledger_entries (id, kind, reference_id) VALUES (" + quoted(credit) +
           ", 'adjustment', " + quoted(credit_row) + "), (" + quoted(pay) + ", 'payment', " +
           quoted(made.payment) + ");" +
           "INSERT INTO ledger_postings (entry_id, line, account, customer_id, amount, currency) "
           "VALUES (" +
           quoted(credit) + ", 1, 'adjustments', " + customer + ", " + credited + ", 'CNY'), (" +
           quoted(credit) + ", 2, 'customer_balance', " + customer + ", -" + credited +
           ", 'CNY'), (" + quoted(pay) + ", 1, 'customer_balance', " + customer + ", " + price +
           ", 'CNY'), (" + quoted(pay) + ", 2, 'deferred_revenue', " + customer + ", -" + price +
           ", 'CNY');" +
           "INSERT INTO balance_transactions (id, sequence, customer_id, amount, balance_before, "
           "balance_after, "
           "currency, transaction_type, reference_id, entry_id) VALUES (" +
           quoted(credit_row) + ", 1, " + customer + ", " + credited + ", 0, " + credited +
           ", 'CNY', 'manual_adjust', '', " + quoted(credit) + "), (" + quoted(pay_row) + ", 2, " +
           customer + ", -" + price + ", " + credited + ", " + left + ", 'CNY', 'payment', " +
           quoted(made.order) + ", " + quoted(pay) + ");";
}

}  // namespace

PaidOrder insert_paid_order(TestDatabase& db, core::IdSource& ids, core::Timestamp now,
                            const PaidOrderOptions& options) {
    const PaidOrder made{ids.next_id<core::CustomerId>(), ids.next_id<core::ProductId>(),
                         ids.next_id<core::OrderId>(), ids.next_id<core::PaymentId>()};
    const auto price = options.price.to_string();
    const auto left = options.balance_left.to_string();
    const auto credited = (options.price + options.balance_left).to_string();
    const auto at = sql_time(now);
    db.run("BEGIN; INSERT INTO customers (id, name, balance) VALUES (" + quoted(made.customer) +
           ", '张三', " + left +
           ");"
           "INSERT INTO products (id, provider_id, name, price, billing_cycles) VALUES (" +
           quoted(made.product) + ", " + quoted(options.provider_id) + ", 'S1', " + price +
           ", '{\"" + options.billing_cycle + "\": \"" + price + "\"}');" +
           "INSERT INTO orders (id, customer_id, product_id, provider_id, product_name, "
           "billing_cycle, status, "
           "total_amount, currency, gateway_id, created_at, paid_at, expires_at) VALUES (" +
           quoted(made.order) + ", " + quoted(made.customer) + ", " + quoted(made.product) + ", " +
           quoted(options.provider_id) + ", 'S1', " + quoted(options.billing_cycle) + ", 'paid', " +
           price + ", 'CNY', 'balance', " + at + ", " + at + ", " + at + " + interval '1 day');" +
           "INSERT INTO payments (id, customer_id, purpose, order_id, gateway_id, amount, "
           "currency, status, paid_at) "
           "VALUES (" +
           quoted(made.payment) + ", " + quoted(made.customer) + ", 'order', " +
           quoted(made.order) + ", 'balance', " + price + ", 'CNY', 'success', " + at + ");" +
           book(ids, made, credited, price, left) + "COMMIT;");
    return made;
}

}  // namespace rb::test
