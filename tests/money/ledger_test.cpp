#include "support/shop.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace rb::test {
namespace {

class Ledger : public testing::Test {
protected:
    Ledger() {
        owner_ = shop_.add_customer("100.00");
        const auto order = shop_.order(owner_);
        const auto paid = shop_.orders.pay(shop_.customer(owner_), order.id, "", "");
        EXPECT_TRUE(paid.has_value());
    }
    // As an operator with a superuser's hand might, past the triggers.
    void tamper(const std::string& sql) {
        shop_.db.run("SET session_replication_role = replica; " + sql);
    }
    void expect_fault(const std::string& part) {
        const auto fault = shop_.first_fault();
        EXPECT_NE(fault.find(part), std::string::npos) << fault;
    }
    Shop shop_;
    core::CustomerId owner_;
};

TEST_F(Ledger, of_a_working_shop_verifies) {
    const auto report = core::LedgerVerifier(shop_.database).verify();
    ASSERT_TRUE(report.has_value()) << report.error().detail;
    EXPECT_FALSE(report->fault.has_value());
    EXPECT_EQ(report->totals.entries, 2U);
    EXPECT_EQ(report->totals.payments, 1U);
    EXPECT_GE(report->checks_passed.size(), 13U);
}

TEST_F(Ledger, names_a_balance_that_was_set_by_hand) {
    tamper("UPDATE customers SET balance = balance + 0.01");
    expect_fault("customers " + owner_.to_string() +
                 ": balance is 88.01, his postings add up to "
                 "88.00");
}

TEST_F(Ledger, names_an_entry_that_does_not_balance) {
    tamper("UPDATE ledger_postings SET amount = amount + 1 WHERE account = 'deferred_revenue'");
    expect_fault("its postings sum to 1.00 CNY");
}

TEST_F(Ledger, names_a_broken_chain) {
    tamper(
        "UPDATE balance_transactions SET balance_before = 99, balance_after = 87 "
        "WHERE sequence = 2");
    expect_fault("sequence 2 begins at 99.00, the one before ends at 100.00");
}

TEST_F(Ledger, names_a_missing_balance_transaction) {
    tamper("DELETE FROM balance_transactions WHERE sequence = 2");
    expect_fault("customers " + owner_.to_string());
}

TEST_F(Ledger, names_a_payment_that_nobody_booked) {
    tamper("UPDATE payments SET amount = 13");
    expect_fault("success over 13.00, booked 12.00");
}

TEST_F(Ledger, names_an_order_that_says_it_was_paid_and_was_not) {
    tamper(
        "INSERT INTO orders SELECT gen_random_uuid(), customer_id, product_id, provider_id, "
        "product_name, billing_cycle, server_spec, status, status_reason, total_amount, "
        "refunded_amount, currency, gateway_id, notes, NULL, NULL, created_at, updated_at, "
        "paid_at, expires_at FROM orders");
    expect_fault("paid over 12.00, its payments booked to it 0");
}

TEST_F(Ledger, names_refunds_that_do_not_add_up) {
    tamper("UPDATE payments SET refunded_amount = 5");
    expect_fault("refunded_amount is 5.00, its refunds add up to 0");
}

TEST_F(Ledger, names_money_that_stays_deferred_for_an_order_that_is_open) {
    tamper("UPDATE orders SET status = 'active'");
    expect_fault("active, deferred_revenue is 12.00");
}

TEST_F(Ledger, refuses_an_unbalanced_entry_at_commit_and_any_change_of_an_old_one) {
    const auto fails = [&](const std::string& sql) {
        auto connection = *store_pg::Connection::open(shop_.db.connection_options());
        const auto ran = connection.run_script(sql);
        return ran.has_error() ? ran.error().detail : std::string("nothing");
    };
    EXPECT_NE(fails("BEGIN; INSERT INTO ledger_entries (id, kind, reference_id) VALUES "
                    "('018f0000-0000-7000-8000-000000000001', 'adjustment', 'x'); "
                    "INSERT INTO ledger_postings (entry_id, line, account, amount, currency) "
                    "VALUES ('018f0000-0000-7000-8000-000000000001', 1, 'revenue', 5, 'CNY'), "
                    "('018f0000-0000-7000-8000-000000000001', 2, 'adjustments', -4, 'CNY'); COMMIT")
                  .find("entry_balances"),
              std::string::npos);
    EXPECT_NE(fails("UPDATE ledger_postings SET amount = 1").find("append_only"),
              std::string::npos);
    EXPECT_NE(fails("DELETE FROM ledger_entries").find("append_only"), std::string::npos);
    EXPECT_NE(fails("TRUNCATE balance_transactions").find("append_only"), std::string::npos);
    EXPECT_NE(fails("INSERT INTO ledger_postings (entry_id, line, account, amount, currency) "
                    "SELECT id, 9, 'revenue', 1, 'CNY' FROM ledger_entries LIMIT 1")
                  .find("entry_closed"),
              std::string::npos);
}

TEST_F(Ledger, an_adjustment_needs_a_reason_and_cover) {
    EXPECT_EQ(shop_.balances.adjust(shop_.admin(), owner_, "1.00", "").error().field, "reason");
    EXPECT_EQ(shop_.balances.adjust(shop_.admin(), owner_, "0.00", "why").error().field, "amount");
    EXPECT_EQ(shop_.balances.adjust(shop_.admin(), owner_, "1.001", "why").error().field, "amount");
    EXPECT_EQ(shop_.balances.adjust(shop_.admin(), owner_, "-88.01", "why").error().code,
              ErrorCode::insufficient_funds);
    ASSERT_TRUE(shop_.balances.adjust(shop_.admin(), owner_, "-88.00", "why").has_value());
    EXPECT_EQ(shop_.balance(owner_), "0.00");
    EXPECT_EQ(shop_.first_fault(), "");
}

TEST_F(Ledger, an_adjustment_whose_answer_was_lost_is_repeated_without_effect) {
    const auto adjust = [&](core::CustomerId customer, const std::string& amount) {
        return shop_.balances.adjust(shop_.admin(), customer, amount, "a gift", "key-1");
    };
    const auto first = adjust(owner_, "5.00");
    ASSERT_TRUE(first.has_value());
    EXPECT_EQ(adjust(owner_, "5.00")->id, first->id);
    EXPECT_EQ(shop_.balance(owner_), "93.00");
    const auto other_amount = adjust(owner_, "6.00");
    ASSERT_TRUE(other_amount.has_error());
    EXPECT_EQ(other_amount.error().code, ErrorCode::idempotency_conflict);
    // A key is one customer's own.
    const auto other = shop_.add_customer("7.00");
    ASSERT_TRUE(adjust(other, "5.00").has_value());
    EXPECT_EQ(shop_.balance(other), "12.00");
    EXPECT_EQ(shop_.first_fault(), "");
}

TEST_F(Ledger, the_same_adjustment_made_at_once_by_many_is_made_once) {
    std::vector<std::thread> clicks;
    std::atomic<int> answered = 0;
    for (int click = 0; click < 8; ++click) {
        clicks.emplace_back([&] {
            const auto made = shop_.balances.adjust(shop_.admin(), owner_, "5.00", "gift", "key-2");
            if (made.has_value() && made->balance_after.to_string() == "93.00") ++answered;
        });
    }
    for (auto& click : clicks) click.join();
    EXPECT_EQ(answered, 8);
    EXPECT_EQ(shop_.balance(owner_), "93.00");
}

TEST_F(Ledger, a_customer_reads_his_own_transactions_only) {
    const auto other = shop_.add_customer("7.00");
    const auto own = shop_.balances.list(shop_.customer(owner_), {.customer = other}, {});
    ASSERT_TRUE(own.has_value());
    EXPECT_EQ(own->total, 2U);
    EXPECT_EQ(own->items.front().balance_after.to_string(), "88.00");
    EXPECT_EQ(shop_.balances.find(shop_.customer(owner_), other).error().code,
              ErrorCode::not_found);
}

}  // namespace
}  // namespace rb::test
