// A server that was opened and is renewed, on a real database, with a clock that the test moves:
// what the tests of billing begin with.

#pragma once

#include "core/billing/billing_run.hpp"
#include "core/billing/invoice_settler.hpp"
#include "core/instance/provisioning.hpp"
#include "core/ledger/balance_service.hpp"
#include "core/ledger/ledger_verifier.hpp"

#include "support/fake_directory.hpp"
#include "support/paid_order.hpp"
#include "support/scripted_provider.hpp"
#include "support/test_database.hpp"
#include "support/twins.hpp"

#include <gtest/gtest.h>

namespace rb::core {

using namespace std::chrono_literals;

class BillingTest : public testing::Test {
protected:
    // A server that was opened on 31 January, at 29.00 a month, with `left` on the balance.
    void open_server(std::int64_t left, std::string cycle = "monthly") {
        directory_.add(std::static_pointer_cast<Provider>(provider_));
        clock_.set(std::chrono::sys_days(2027y / 1 / 31) + 10h);
        made_ = test::insert_paid_order(
            db_, ids_, clock_.now(),
            {.billing_cycle = std::move(cycle), .balance_left = {left, Currency::cny()}});
        ProvisionOrder provisioning({.database = db_.database(),
                                     .plugins = directory_,
                                     .clock = clock_,
                                     .ids = ids_,
                                     .faults = no_faults_,
                                     .log = log_});
        const auto done = provisioning.handle({.id = ids_.next_id<EventId>(),
                                               .kind = EventKind::provision_order,
                                               .subject = made_.order.uuid(),
                                               .attempts = 1});
        ASSERT_TRUE(done.has_value()) << done.error().detail;
        db_.run("DELETE FROM events");
    }
    void run_until(Timestamp when, std::chrono::hours step = 12h) {
        while (clock_.now() < when) {
            clock_.advance(step);
            run();
        }
    }
    BillingReport run() {
        const auto report = run_.run_once();
        EXPECT_TRUE(report.has_value());
        EXPECT_EQ(report->failures, 0);
        return *report;
    }
    // What deliver_invoice does once the notice was handed over.
    void deliver_all() {
        db_.run("UPDATE invoices SET delivered_at = " + sql_now() + " WHERE delivered_at IS NULL");
    }
    std::string sql_now() {
        return "to_timestamp(" + std::to_string(clock_.now().time_since_epoch().count()) +
               " / 1000000.0)";
    }
    void add_money(const std::string& amount) {
        BalanceService balance(db_.database(), clock_, ids_);
        ASSERT_TRUE(balance.adjust(Actor::system(), made_.customer, amount, "test").has_value());
    }
    // At a gateway, for the one invoice there is.
    void insert_attempt(const std::string& status) {
        db_.run(
            "INSERT INTO payments (id, customer_id, purpose, invoice_id, gateway_id, amount, "
            "currency, status) SELECT gen_random_uuid(), customer_id, 'invoice', id, 'slowbank', "
            "amount, 'CNY', '" +
            status + "' FROM invoices");
    }
    std::string count(const std::string& from) { return db_.value("SELECT count(*) FROM " + from); }
    std::string desired() { return db_.value("SELECT desired_status FROM instances"); }
    void expect_books_balance() {
        const auto audit = LedgerVerifier(db_.database()).verify();
        ASSERT_TRUE(audit.has_value()) << audit.error().detail;
        EXPECT_FALSE(audit->fault.has_value())
            << audit->fault->table << " " << audit->fault->row << ": " << audit->fault->why;
    }

    test::TestDatabase db_;
    test::FakeClock clock_;
    test::CountingIds ids_;
    test::FakeDirectory directory_;
    std::shared_ptr<test::ScriptedProvider> provider_ = std::make_shared<test::ScriptedProvider>();
    NoFaultPoint no_faults_;
    SilentLog log_;
    test::PaidOrder made_;
    InvoiceSettler settler_{ids_};
    PaymentService payments_{{.database = db_.database(),
                              .plugins = directory_,
                              .invoices = settler_,
                              .clock = clock_,
                              .ids = ids_,
                              .faults = no_faults_,
                              .log = log_},
                             {}};
    InvoiceService invoices_{{.database = db_.database(),
                              .payments = payments_,
                              .settlement = settler_,
                              .clock = clock_,
                              .ids = ids_}};
    BillingRun run_{{.database = db_.database(),
                     .invoices = invoices_,
                     .settlement = settler_,
                     .clock = clock_,
                     .ids = ids_,
                     .log = log_}};
    const Actor admin_{.kind = ActorKind::admin, .permissions = {"*"}};
};

}  // namespace rb::core
