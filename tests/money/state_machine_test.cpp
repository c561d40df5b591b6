// The tables in core against the functions and triggers of the database: the same machine, twice.

#include "core/billing/invoice.hpp"
#include "core/order/order.hpp"
#include "core/payment/payment.hpp"

#include "support/shop.hpp"

#include <gtest/gtest.h>

namespace rb::test {
namespace {

using core::name_of;
using core::OrderStatus;
using core::PaymentStatus;

TEST(StateMachines, of_orders_are_the_same_in_core_and_in_the_database) {
    TestDatabase db;
    auto connection = *store_pg::Connection::open(db.connection_options());
    constexpr store_pg::Statement allowed{"test_allowed",
                                          "SELECT order_transition_allowed($1, $2)"};
    for (const auto from : core::EnumNames<OrderStatus>::names) {
        for (const auto to : core::EnumNames<OrderStatus>::names) {
            const auto rows = connection.run(allowed, store_pg::Parameters::of(from, to));
            EXPECT_EQ(rows->front().boolean(0),
                      core::allows(core::order_transitions, *core::find_enum<OrderStatus>(from),
                                   *core::find_enum<OrderStatus>(to)))
                << from << " -> " << to;
        }
    }
}

// A row is put into each state past the triggers, then every change is tried with them.
TEST(StateMachines, of_payments_are_the_same_in_core_and_in_the_database) {
    Shop shop;
    const auto owner = shop.add_customer("0.00");
    const auto order = shop.order(owner);
    ASSERT_TRUE(shop.orders.pay(shop.customer(owner), order.id, "gateway-test", "").has_value());
    auto connection = *store_pg::Connection::open(shop.db.connection_options());
    for (const auto from : core::EnumNames<PaymentStatus>::names) {
        for (const auto to : core::EnumNames<PaymentStatus>::names) {
            ASSERT_TRUE(connection
                            .run_script("SET session_replication_role = replica; UPDATE payments "
                                        "SET status = '" +
                                        std::string(from) +
                                        "'; SET session_replication_role = origin")
                            .has_value());
            const bool is_accepted =
                connection.run_script("UPDATE payments SET status = '" + std::string(to) + "'")
                    .has_value();
            EXPECT_EQ(is_accepted,
                      core::allows(core::payment_transitions, *core::find_enum<PaymentStatus>(from),
                                   *core::find_enum<PaymentStatus>(to)))
                << from << " -> " << to;
        }
    }
}

TEST(StateMachines, of_invoices_never_leave_paid_or_cancelled_and_never_become_drafts_again) {
    Shop shop;
    const auto owner = shop.add_customer("0.00");
    auto connection = *store_pg::Connection::open(shop.db.connection_options());
    shop.db.run(
        "INSERT INTO invoices (id, customer_id, invoice_number, status, amount, currency) "
        "VALUES (gen_random_uuid(), '" +
        owner.to_string() + "', 'INV-1', 'issued', 1, 'CNY')");
    using core::InvoiceStatus;
    for (const auto from : core::EnumNames<InvoiceStatus>::names) {
        for (const auto to : core::EnumNames<InvoiceStatus>::names) {
            const auto left = *core::find_enum<InvoiceStatus>(from);
            const auto right = *core::find_enum<InvoiceStatus>(to);
            if (!core::may_follow(left, right)) continue;
            ASSERT_TRUE(connection
                            .run_script("SET session_replication_role = replica; UPDATE invoices "
                                        "SET status = '" +
                                        std::string(from) +
                                        "'; SET session_replication_role = origin")
                            .has_value());
            EXPECT_TRUE(
                connection.run_script("UPDATE invoices SET status = '" + std::string(to) + "'")
                    .has_value())
                << from << " -> " << to;
        }
    }
    for (const std::string from : {"paid", "cancelled"}) {
        for (const std::string to : {"draft", "issued", "overdue"}) {
            shop.db.run("SET session_replication_role = replica; UPDATE invoices SET status = '" +
                        from + "'");
            EXPECT_TRUE(
                connection.run_script("UPDATE invoices SET status = '" + to + "'").has_error())
                << from << " -> " << to;
        }
    }
}

TEST(StateMachines, words_of_every_enumeration_are_those_the_database_accepts) {
    TestDatabase db;
    const auto accepts = [&](const std::string& table, const std::string& column,
                             std::string_view word) {
        return db.value(
                   "SELECT bool_or(pg_get_constraintdef(c.oid) LIKE '%' || "
                   "quote_literal('" +
                   std::string(word) +
                   "') || '::text%') FROM "
                   "pg_constraint c WHERE c.conrelid = '" +
                   table +
                   "'::regclass AND c.contype = 'c' AND pg_get_constraintdef(c.oid) LIKE "
                   "'%" +
                   column + "%'") == "t";
    };
    for (const auto word : core::EnumNames<OrderStatus>::names) {
        EXPECT_TRUE(accepts("orders", "status", word)) << word;
    }
    for (const auto word : core::EnumNames<PaymentStatus>::names) {
        EXPECT_TRUE(accepts("payments", "status", word)) << word;
    }
    for (const auto word : core::EnumNames<core::RefundStatus>::names) {
        EXPECT_TRUE(accepts("refunds", "status", word)) << word;
    }
    for (const auto word : core::EnumNames<core::CallbackOutcome>::names) {
        EXPECT_TRUE(accepts("gateway_callbacks", "outcome", word)) << word;
    }
    for (const auto word : core::EnumNames<core::LedgerAccount>::names) {
        EXPECT_TRUE(accepts("ledger_postings", "account", word)) << word;
    }
    for (const auto word : core::EnumNames<core::BalanceTransactionType>::names) {
        EXPECT_TRUE(accepts("balance_transactions", "transaction_type", word)) << word;
    }
}

}  // namespace
}  // namespace rb::test
