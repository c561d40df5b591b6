// Invoices of renewals that are paid at a gateway, whose callbacks come when they like.

#include "support/billing_fixture.hpp"
#include "support/scripted_gateway.hpp"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace rb::core {
namespace {

class GatewayInvoiceTest : public BillingTest {
protected:
    // Issued and delivered on 25 February, due on the 28th.
    InvoiceId open_invoice(std::int64_t left) {
        directory_.add(std::static_pointer_cast<Gateway>(gateway_));
        open_server(left);
        clock_.set(std::chrono::sys_days(2027y / 2 / 25) + 11h);
        run();
        deliver_all();
        return *InvoiceId::parse(db_.value("SELECT id FROM invoices"), "id");
    }
    Actor customer() const { return {.kind = ActorKind::customer, .customer = made_.customer}; }
    // The customer begins to pay there; what the gateway will say when he has done it.
    RawCallback begin_at_gateway(InvoiceId invoice) {
        const auto begun = invoices_.pay(customer(), invoice, "gateway-test", "");
        EXPECT_TRUE(begun.has_value()) << begun.error().message;
        EXPECT_EQ(begun->payment.status, PaymentStatus::pending);
        return gateway_->pay(begun->payment.payment, "e1");
    }
    std::string send(const RawCallback& callback) {
        return payments_.receive_callback("gateway-test", callback, "").body;
    }
    std::string balance() { return db_.value("SELECT balance FROM customers"); }
    void expect_renewed_once() {
        EXPECT_EQ(db_.value("SELECT status FROM invoices"), "paid");
        EXPECT_EQ(count("renewals WHERE applied_at IS NOT NULL"), "1");
        EXPECT_EQ(db_.value("SELECT paid_until = '2027-03-31 10:00+00' FROM instances"), "t");
        EXPECT_EQ(desired(), "running");
        expect_books_balance();
    }

    std::shared_ptr<test::ScriptedGateway> gateway_ = std::make_shared<test::ScriptedGateway>();
};

TEST_F(GatewayInvoiceTest, Pain06_money_that_a_gateway_reports_late_renews_and_resumes) {
    const auto invoice = open_invoice(0);
    run_until(std::chrono::sys_days(2027y / 3 / 6) + 10h);
    ASSERT_EQ(desired(), "suspended");
    const auto callback = begin_at_gateway(invoice);
    EXPECT_EQ(send(callback), "success");
    EXPECT_EQ(db_.value("SELECT suspension_cause FROM instances"), "");
    EXPECT_EQ(balance(), "0.00");
    expect_renewed_once();
    // The gateway says it again.
    EXPECT_EQ(send(callback), "success");
    EXPECT_EQ(balance(), "0.00");
    expect_renewed_once();
}

TEST_F(GatewayInvoiceTest, what_a_gateway_reports_after_the_balance_has_paid_is_on_the_balance) {
    const auto invoice = open_invoice(29'00);
    const auto callback = begin_at_gateway(invoice);
    ASSERT_TRUE(invoices_.pay(customer(), invoice, "balance", "").has_value());
    EXPECT_EQ(balance(), "0.00");
    EXPECT_EQ(send(callback), "success");
    EXPECT_EQ(balance(), "29.00");
    EXPECT_EQ(db_.value("SELECT status FROM payments WHERE gateway_id = 'gateway-test'"),
              "success");
    run_until(std::chrono::sys_days(2027y / 3 / 1) + 10h);
    EXPECT_EQ(balance(), "29.00");
    expect_renewed_once();
}

// Callbacks, runs and a click at the same moment; whichever is first, the rest is the customer's.
TEST_F(GatewayInvoiceTest, Pain01_callbacks_runs_and_a_click_renew_once) {
    const auto invoice = open_invoice(29'00);
    const auto callback = begin_at_gateway(invoice);
    // From here on the run pays from the balance although the attempt at the gateway stands.
    clock_.set(std::chrono::sys_days(2027y / 3 / 3) + 11h);
    std::vector<std::thread> threads;
    for (int thread = 0; thread < 3; ++thread) {
        threads.emplace_back([&] { (void)send(callback); });
        threads.emplace_back([&] { (void)run_.run_once(); });
    }
    threads.emplace_back([&] { (void)invoices_.pay(customer(), invoice, "balance", ""); });
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(send(callback), "success");
    EXPECT_EQ(count("invoices"), "1");
    EXPECT_EQ(balance(), "29.00");
    expect_renewed_once();
}

}  // namespace
}  // namespace rb::core
