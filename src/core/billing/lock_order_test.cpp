// That locks are taken in one order (payment/bookkeeping.hpp) where a renewal is paid and where its
// server's order is refunded.

#include "core/order/order_service.hpp"

#include "support/billing_fixture.hpp"
#include "support/fake_ports.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace rb::core {
namespace {

// The account comes last: who waits for an invoice or a server must not hold it, or a customer who
// pays a renewal and a clerk who refunds its server's order wait for each other.
class LockOrderTest : public BillingTest {
protected:
    void SetUp() override {
        open_server(29'00L);
        clock_.set(std::chrono::sys_days(2027y / 2 / 28) + 1h);
        ASSERT_TRUE(run().invoices_issued == 1);
        auto opened = store_pg::Connection::open(db_.connection_options());
        ASSERT_TRUE(opened.has_value());
        holder_.emplace(std::move(*opened));
    }
    // Runs `work` while somebody else holds the row, and looks at whether the account is free then.
    template <typename Work>
    void expect_account_is_free_while_it_waits_for(const std::string& table, Work work) {
        ASSERT_TRUE(
            holder_->run_script("BEGIN; SELECT 1 FROM " + table + " FOR UPDATE").has_value());
        std::thread worker([&] {
            const auto done = work();
            EXPECT_TRUE(done.has_value()) << done.error().message << " " << done.error().detail;
        });
        while (count("pg_stat_activity WHERE wait_event_type = 'Lock' "
                     "AND datname = current_database()") == "0") {
            std::this_thread::yield();
        }
        EXPECT_TRUE(holder_->run_script("SELECT 1 FROM customers FOR UPDATE NOWAIT").has_value())
            << "the account is locked by who waits for " << table;
        EXPECT_TRUE(holder_->run_script("ROLLBACK").has_value());
        worker.join();
        expect_books_balance();
    }
    std::optional<store_pg::Connection> holder_;
};

TEST_F(LockOrderTest, of_a_refund_of_the_whole_order_waits_for_the_renewal_without_the_account) {
    test::FoldingDigester digester;
    OrderService orders({.database = db_.database(),
                         .plugins = directory_,
                         .payments = payments_,
                         .clock = clock_,
                         .ids = ids_,
                         .digester = digester,
                         .log = log_});
    expect_account_is_free_while_it_waits_for(
        "invoices", [&] { return orders.refund(admin_, made_.order, {}); });
    EXPECT_EQ(count("invoices WHERE status = 'cancelled'"), "1");
    EXPECT_EQ(desired(), "terminated");
}

TEST_F(LockOrderTest, of_a_refund_of_the_whole_payment_waits_for_the_renewal_without_the_account) {
    const auto payment = *PaymentId::parse(db_.value("SELECT id FROM payments"), "id");
    expect_account_is_free_while_it_waits_for("invoices", [&] {
        return payments_.refund(admin_, payment, {.destination = RefundDestination::balance});
    });
    EXPECT_EQ(count("invoices WHERE status = 'cancelled'"), "1");
}

TEST_F(LockOrderTest, of_a_refund_waits_for_the_server_without_the_account) {
    const auto payment = *PaymentId::parse(db_.value("SELECT id FROM payments"), "id");
    expect_account_is_free_while_it_waits_for("instances", [&] {
        return payments_.refund(admin_, payment, {.destination = RefundDestination::balance});
    });
    EXPECT_EQ(desired(), "terminated");
}

TEST_F(LockOrderTest, of_paying_a_renewal_waits_for_the_server_without_the_account) {
    const auto invoice = *InvoiceId::parse(db_.value("SELECT id FROM invoices"), "id");
    expect_account_is_free_while_it_waits_for(
        "instances", [&] { return invoices_.pay(admin_, invoice, "balance", ""); });
    EXPECT_EQ(count("invoices WHERE status = 'paid'"), "1");
}

}  // namespace
}  // namespace rb::core
