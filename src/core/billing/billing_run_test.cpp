// Renewals through the years on a real database, with a clock that the test moves. Each pain of the
// peers' users that is made impossible here has a test that names it.

#include "core/billing/billing_run.hpp"

#include "core/instance/instance_service.hpp"
#include "core/instance/reconciler.hpp"

#include "support/billing_fixture.hpp"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace rb::core {
namespace {

TEST_F(BillingTest, three_years_of_renewals_pay_themselves_and_keep_the_day) {
    open_server(29'00L * 35);
    run_until(std::chrono::sys_days(2030y / 1 / 30), 24h);
    EXPECT_EQ(count("renewals WHERE applied_at IS NOT NULL"), "35");
    EXPECT_EQ(count("invoices WHERE status = 'paid'"), "35");
    EXPECT_EQ(db_.value("SELECT balance FROM customers"), "0.00");
    // The last days of short months, and never a drift to the 28th.
    EXPECT_EQ(db_.value("SELECT string_agg(to_char(period_end AT TIME ZONE 'UTC', 'MM-DD'), ' ' "
                        "ORDER BY period_start) "
                        "FROM (SELECT * FROM renewals ORDER BY period_start LIMIT 13) first_year"),
              "03-31 04-30 05-31 06-30 07-31 08-31 09-30 10-31 11-30 12-31 01-31 02-29 03-31");
    EXPECT_EQ(count("renewals a JOIN renewals b ON a.period_end = b.period_start"), "35");
    EXPECT_EQ(desired(), "running");
    expect_books_balance();
}

TEST_F(BillingTest, Pain01_OnePaymentRenewsOnce) {
    open_server(29'00L * 5);
    clock_.set(std::chrono::sys_days(2027y / 2 / 28) + 11h);
    // Four runs and a customer's click at the same moment.
    run();
    const auto invoice = *InvoiceId::parse(db_.value("SELECT id FROM invoices"), "id");
    std::vector<std::thread> threads;
    for (int thread = 0; thread < 4; ++thread) threads.emplace_back([&] { (void)run_.run_once(); });
    threads.emplace_back([&] {
        const Actor customer{.kind = ActorKind::customer, .customer = made_.customer};
        (void)invoices_.pay(customer, invoice, "balance", "");
    });
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(count("renewals"), "1");
    EXPECT_EQ(count("payments WHERE purpose = 'invoice'"), "1");
    EXPECT_EQ(db_.value("SELECT balance FROM customers"), "116.00");
    EXPECT_EQ(db_.value("SELECT paid_until = '2027-03-31 10:00+00' FROM instances"), "t");
    expect_books_balance();
}

TEST_F(BillingTest, paying_from_the_balance_answers_the_payment_and_so_does_a_repeat) {
    open_server(29'00L * 2);
    clock_.set(std::chrono::sys_days(2027y / 2 / 25) + 11h);
    run();
    const auto invoice = *InvoiceId::parse(db_.value("SELECT id FROM invoices"), "id");
    const Actor customer{.kind = ActorKind::customer, .customer = made_.customer};
    const auto paid = invoices_.pay(customer, invoice, "", "");
    ASSERT_TRUE(paid.has_value()) << paid.error().message;
    EXPECT_EQ(paid->payment.payment.to_string(),
              db_.value("SELECT id FROM payments WHERE purpose = 'invoice'"));
    const auto again = invoices_.pay(customer, invoice, "balance", "");
    ASSERT_TRUE(again.has_value());
    EXPECT_EQ(again->payment.payment, paid->payment.payment);
    EXPECT_EQ(again->payment.gateway_id, "balance");
    EXPECT_EQ(count("payments WHERE purpose = 'invoice'"), "1");
    expect_books_balance();
}

TEST_F(BillingTest, an_invoice_over_nothing_is_paid_at_once_whichever_way_is_chosen) {
    open_server(0);
    const auto made = invoices_.create(
        admin_, {.customer = made_.customer,
                 .items = {{.description = "a gift", .unit_price = Money::zero(Currency::cny())}}});
    ASSERT_TRUE(made.has_value());
    ASSERT_TRUE(invoices_.issue(admin_, made->id).has_value());
    const auto paid = invoices_.pay(admin_, made->id, "slowbank", "");
    ASSERT_TRUE(paid.has_value()) << paid.error().message << " " << paid.error().detail;
    EXPECT_EQ(paid->invoice.status, InvoiceStatus::paid);
    EXPECT_TRUE(paid->payment.payment.is_nil());
    EXPECT_EQ(count("payments WHERE purpose = 'invoice'"), "0");
    expect_books_balance();
}

// Wire contract: ids are UUIDs, those of an invoice's lines too.
TEST_F(BillingTest, each_line_of_an_invoice_has_an_id_that_stays) {
    open_server(0);
    const auto price = Money(500, Currency::cny());
    const auto made =
        invoices_.create(admin_, {.customer = made_.customer,
                                  .items = {{.description = "a", .unit_price = price},
                                            {.description = "b", .unit_price = price}}});
    ASSERT_TRUE(made.has_value()) << made.error().message;
    const auto read = invoices_.get(admin_, made->id);
    ASSERT_TRUE(read.has_value());
    ASSERT_EQ(read->items.size(), 2U);
    EXPECT_NE(read->items[0].id, read->items[1].id);
    for (std::size_t i = 0; i < 2; ++i) {
        EXPECT_FALSE(read->items[i].id.is_nil());
        EXPECT_EQ(read->items[i].id, made->items[i].id);
    }
}

TEST_F(BillingTest, Pain06_MoneyForASuspendedServiceRenewsAndUnsuspends) {
    open_server(0);
    run_until(std::chrono::sys_days(2027y / 2 / 27) + 10h);
    deliver_all();
    run_until(std::chrono::sys_days(2027y / 3 / 6) + 10h);
    ASSERT_EQ(desired(), "suspended");
    ASSERT_EQ(db_.value("SELECT suspension_cause FROM instances"), "overdue");
    add_money("29.00");
    run();
    EXPECT_EQ(desired(), "running");
    EXPECT_EQ(db_.value("SELECT suspension_cause FROM instances"), "");
    EXPECT_EQ(db_.value("SELECT paid_until = '2027-03-31 10:00+00' FROM instances"), "t");
    EXPECT_EQ(count("events WHERE kind = 'reconcile_instance'"), "2");
    expect_books_balance();
}

TEST_F(BillingTest, money_resumes_a_server_as_its_customer_had_it) {
    open_server(0);
    db_.run("UPDATE instances SET desired_status = 'stopped'");
    run_until(std::chrono::sys_days(2027y / 2 / 27) + 10h);
    deliver_all();
    run_until(std::chrono::sys_days(2027y / 3 / 6) + 10h);
    ASSERT_EQ(desired(), "suspended");
    add_money("29.00");
    run();
    EXPECT_EQ(desired(), "stopped");
}

TEST_F(BillingTest, Pain06_APaymentUnderWayHoldsTheSuspensionBack) {
    open_server(0);
    run_until(std::chrono::sys_days(2027y / 2 / 27) + 10h);
    deliver_all();
    insert_attempt("unknown");
    run_until(std::chrono::sys_days(2027y / 3 / 20) + 10h);
    EXPECT_EQ(desired(), "running");
    db_.run("UPDATE payments SET status = 'failed' WHERE gateway_id = 'slowbank'");
    run();
    EXPECT_EQ(desired(), "suspended");
}

TEST_F(BillingTest, Pain04_an_unknown_outcome_keeps_the_balance_out_too) {
    open_server(0);
    run_until(std::chrono::sys_days(2027y / 2 / 27) + 10h);
    insert_attempt("unknown");
    add_money("29.00");
    const auto invoice = *InvoiceId::parse(db_.value("SELECT id FROM invoices"), "id");
    const Actor customer{.kind = ActorKind::customer, .customer = made_.customer};
    const auto refused = invoices_.pay(customer, invoice, "", "");
    ASSERT_TRUE(refused.has_error());
    EXPECT_EQ(refused.error().code, ErrorCode::outcome_unknown);
    EXPECT_EQ(db_.value("SELECT balance FROM customers"), "29.00");
    db_.run("UPDATE payments SET status = 'failed' WHERE gateway_id = 'slowbank'");
    EXPECT_TRUE(invoices_.pay(customer, invoice, "", "").has_value());
    EXPECT_EQ(db_.value("SELECT balance FROM customers"), "0.00");
}

// An attempt costs nothing: who begins one and never pays must not run on unpaid for ever.
TEST_F(BillingTest, an_attempt_that_nobody_finishes_holds_the_suspension_back_for_a_while_only) {
    open_server(0);
    run_until(std::chrono::sys_days(2027y / 2 / 27) + 10h);
    deliver_all();
    insert_attempt("pending");
    // Due on the 28th, three days of grace, three more of patience.
    run_until(std::chrono::sys_days(2027y / 3 / 6) + 9h, 1h);
    EXPECT_EQ(desired(), "running");
    run_until(std::chrono::sys_days(2027y / 3 / 6) + 11h, 1h);
    EXPECT_EQ(desired(), "suspended");
}

TEST_F(BillingTest, an_attempt_that_nobody_finishes_does_not_keep_the_balance_from_paying) {
    open_server(0);
    run_until(std::chrono::sys_days(2027y / 2 / 27) + 10h);
    deliver_all();
    insert_attempt("pending");
    add_money("29.00");
    run_until(std::chrono::sys_days(2027y / 3 / 3) + 9h, 1h);
    EXPECT_EQ(db_.value("SELECT status FROM invoices"), "overdue");
    run_until(std::chrono::sys_days(2027y / 3 / 3) + 11h, 1h);
    EXPECT_EQ(db_.value("SELECT status FROM invoices"), "paid");
    EXPECT_EQ(desired(), "running");
    EXPECT_EQ(db_.value("SELECT balance FROM customers"), "0.00");
    expect_books_balance();
}

TEST_F(BillingTest, Pain07_NothingIsSuspendedOverAnInvoiceNobodyGot) {
    open_server(0);
    run_until(std::chrono::sys_days(2027y / 4 / 15) + 10h);
    EXPECT_EQ(db_.value("SELECT status FROM invoices"), "overdue");
    EXPECT_EQ(desired(), "running");
    // The notice comes at last: the whole grace begins now.
    deliver_all();
    clock_.advance(72h - 1s);
    run();
    EXPECT_EQ(desired(), "running");
    clock_.advance(1s);
    run();
    EXPECT_EQ(desired(), "suspended");
}

TEST_F(BillingTest, an_operators_suspension_is_not_lifted_by_money) {
    open_server(29'00L * 3);
    db_.run(
        "UPDATE instances SET desired_status = 'suspended', status = 'suspended', suspension_cause "
        "= 'operator'");
    run_until(std::chrono::sys_days(2027y / 3 / 1) + 10h);
    EXPECT_EQ(count("invoices WHERE status = 'paid'"), "1");
    EXPECT_EQ(desired(), "suspended");
}

TEST_F(BillingTest, Pain20_InvoiceNumbersHaveNoGapsHoweverManyIssueAtOnce) {
    open_server(0);
    constexpr int threads_count = 4;
    constexpr int each = 10;
    std::vector<std::thread> threads;
    for (int thread = 0; thread < threads_count; ++thread) {
        threads.emplace_back([&, thread] {
            for (int number = 0; number < each; ++number) {
                const auto draft =
                    invoices_.create(admin_, {.customer = made_.customer,
                                              .items = {{.description = "item",
                                                         .quantity = 1,
                                                         .unit_price = {100, Currency::cny()}}}});
                if (number % 3 == thread % 3)
                    continue;  // drafts that are never issued take no number
                (void)invoices_.issue(admin_, draft->id);
            }
        });
    }
    for (auto& thread : threads) thread.join();
    const auto issued = count("invoices WHERE invoice_number IS NOT NULL");
    EXPECT_EQ(db_.value("SELECT max(right(invoice_number, 6)::int) FROM invoices"), issued);
    EXPECT_EQ(db_.value("SELECT count(DISTINCT invoice_number) FROM invoices"), issued);
    EXPECT_EQ(db_.value("SELECT last_number FROM invoice_series"), issued);
}

TEST_F(BillingTest, Pain12_OneBadItemStopsNoOther) {
    open_server(29'00);
    // Another customer's instance, whose renewal breaks a constraint.
    const auto other =
        test::insert_paid_order(db_, ids_, clock_.now(), {.billing_cycle = "monthly"});
    ProvisionOrder provisioning({.database = db_.database(),
                                 .plugins = directory_,
                                 .clock = clock_,
                                 .ids = ids_,
                                 .faults = no_faults_,
                                 .log = log_});
    ASSERT_TRUE(provisioning
                    .handle({.id = ids_.next_id<EventId>(),
                             .kind = EventKind::provision_order,
                             .subject = other.order.uuid(),
                             .attempts = 1})
                    .has_value());
    db_.run("ALTER TABLE renewals ADD CONSTRAINT bad CHECK (customer_id <> '" +
            other.customer.to_string() + "')");
    clock_.set(std::chrono::sys_days(2027y / 2 / 28) + 11h);
    const auto report = run_.run_once();
    ASSERT_TRUE(report.has_value());
    EXPECT_EQ(report->failures, 1);
    EXPECT_EQ(report->invoices_issued, 1);
    EXPECT_EQ(count("renewals"), "1");
    EXPECT_EQ(count("invoices"), "1") << "the bad item left nothing behind";
}

TEST_F(BillingTest, a_renewals_invoice_is_not_cancelled_while_its_server_runs) {
    open_server(0);
    run_until(std::chrono::sys_days(2027y / 2 / 27) + 10h);
    const auto invoice = *InvoiceId::parse(db_.value("SELECT id FROM invoices"), "id");
    EXPECT_EQ(invoices_.cancel(admin_, invoice, "no").error().code, ErrorCode::failed_precondition);
    EXPECT_EQ(db_.value("SELECT status FROM invoices"), "issued");
    db_.run("UPDATE instances SET desired_status = 'terminated'");
    EXPECT_EQ(invoices_.cancel(admin_, invoice, "ended")->status, InvoiceStatus::cancelled);
}

TEST_F(BillingTest, the_open_invoice_of_a_server_that_ends_is_cancelled_in_the_same_commit) {
    open_server(0);
    run_until(std::chrono::sys_days(2027y / 2 / 27) + 10h);
    deliver_all();
    run_until(std::chrono::sys_days(2027y / 3 / 2) + 10h);
    ASSERT_EQ(db_.value("SELECT status FROM invoices"), "overdue");
    InstanceService instances({.database = db_.database(),
                               .plugins = directory_,
                               .clock = clock_,
                               .ids = ids_,
                               .log = log_});
    const Actor customer{.kind = ActorKind::customer, .customer = made_.customer};
    const auto id = *InstanceId::parse(db_.value("SELECT id FROM instances"), "id");
    // A command that is refused changes no invoice.
    EXPECT_TRUE(instances.command(customer, id, LifecycleCommand::suspend).has_error());
    EXPECT_EQ(db_.value("SELECT status FROM invoices"), "overdue");

    const auto invoice = *InvoiceId::parse(db_.value("SELECT id FROM invoices"), "id");
    ASSERT_TRUE(instances.command(customer, id, LifecycleCommand::terminate).has_value());
    EXPECT_EQ(db_.value("SELECT status FROM invoices"), "cancelled");
    EXPECT_EQ(count("operation_logs WHERE action = 'invoice.cancel'"), "1");
    // Nothing is asked for any more, and money that comes all the same is not lost.
    add_money("29.00");
    run_until(std::chrono::sys_days(2027y / 5 / 1), 24h);
    EXPECT_EQ(count("invoices"), "1");
    EXPECT_EQ(db_.value("SELECT balance FROM customers"), "29.00");
    EXPECT_EQ(invoices_.pay(customer, invoice, "balance", "").error().code,
              ErrorCode::failed_precondition);
    expect_books_balance();
}

TEST_F(BillingTest, a_paid_invoice_stays_paid_when_its_server_ends) {
    open_server(29'00);
    run_until(std::chrono::sys_days(2027y / 3 / 1) + 10h);
    ASSERT_EQ(db_.value("SELECT status FROM invoices"), "paid");
    InstanceService instances({.database = db_.database(),
                               .plugins = directory_,
                               .clock = clock_,
                               .ids = ids_,
                               .log = log_});
    const auto id = *InstanceId::parse(db_.value("SELECT id FROM instances"), "id");
    ASSERT_TRUE(instances.command(admin_, id, LifecycleCommand::terminate).has_value());
    EXPECT_EQ(db_.value("SELECT status FROM invoices"), "paid");
}

TEST_F(BillingTest, one_time_is_never_renewed) {
    open_server(29'00, "one_time");
    EXPECT_EQ(db_.value("SELECT paid_until FROM instances"), "");
    run_until(std::chrono::sys_days(2028y / 1 / 1), 240h);
    EXPECT_EQ(count("invoices"), "0");
}

TEST_F(BillingTest, a_customer_sees_his_own_invoices_and_no_drafts) {
    open_server(0);
    const auto draft = invoices_.create(
        admin_,
        {.customer = made_.customer,
         .items = {
             {.description = "setup", .quantity = 2, .unit_price = {1550, Currency::cny()}}}});
    ASSERT_TRUE(draft.has_value());
    EXPECT_EQ(draft->total().to_string(), "31.00");
    const Actor owner{.kind = ActorKind::customer, .customer = made_.customer};
    const Actor stranger{.kind = ActorKind::customer, .customer = ids_.next_id<CustomerId>()};
    EXPECT_EQ(invoices_.get(owner, draft->id).error().code, ErrorCode::not_found);
    EXPECT_EQ(invoices_.list(owner, {}, {})->total, 0U);
    ASSERT_TRUE(invoices_.issue(admin_, draft->id).has_value());
    EXPECT_EQ(invoices_.get(owner, draft->id)->number, "INV-2027-000001");
    EXPECT_EQ(invoices_.get(stranger, draft->id).error().code, ErrorCode::not_found);
    EXPECT_EQ(invoices_.list(stranger, {.customer = made_.customer}, {})->total, 0U);
    EXPECT_EQ(invoices_.pay(owner, draft->id, "balance", "").error().code,
              ErrorCode::insufficient_funds);
    add_money("31.00");
    EXPECT_EQ(invoices_.pay(owner, draft->id, "", "")->invoice.status, InvoiceStatus::paid);
    EXPECT_EQ(invoices_.pay(owner, draft->id, "", "")->invoice.status, InvoiceStatus::paid)
        << "a repeat is safe";
    EXPECT_EQ(invoices_.cancel(admin_, draft->id, "no").error().code,
              ErrorCode::illegal_transition);
    expect_books_balance();
}

TEST_F(BillingTest, bad_invoices_name_the_item_and_the_rule) {
    open_server(0);
    const auto refused = [&](InvoiceItem item) {
        return invoices_.create(admin_, {.customer = made_.customer, .items = {std::move(item)}})
            .error()
            .field;
    };
    const Money yuan(100, Currency::cny());
    EXPECT_EQ(refused({.description = "", .quantity = 1, .unit_price = yuan}),
              "items[0].description");
    EXPECT_EQ(refused({.description = "x", .quantity = 0, .unit_price = yuan}),
              "items[0].quantity");
    EXPECT_EQ(refused({.description = "x", .quantity = 100'001, .unit_price = yuan}),
              "items[0].quantity");
    EXPECT_EQ(refused({.description = "x", .quantity = 1, .unit_price = -yuan}),
              "items[0].unit_price");
    EXPECT_EQ(refused({.description = "x",
                       .quantity = 100'000,
                       .unit_price = {Money::minor_units_max, Currency::cny()}}),
              "items");
    EXPECT_EQ(
        refused({.description = "x", .quantity = 1, .unit_price = {100, *Currency::parse("USD")}}),
        "currency");
    EXPECT_EQ(count("invoices"), "0");
}

TEST_F(BillingTest, money_that_came_in_by_hand_pays_an_invoice_once) {
    open_server(0);
    const auto draft = invoices_.create(
        admin_,
        {.customer = made_.customer,
         .items = {
             {.description = "setup", .quantity = 1, .unit_price = {5000, Currency::cny()}}}});
    ASSERT_TRUE(invoices_.issue(admin_, draft->id).has_value());
    EXPECT_EQ(invoices_.mark_paid(admin_, draft->id, "").error().field, "reference");
    ASSERT_TRUE(invoices_.mark_paid(admin_, draft->id, "ICBC-1").has_value());
    EXPECT_EQ(invoices_.mark_paid(admin_, draft->id, "ICBC-2").error().code,
              ErrorCode::already_exists);
    EXPECT_EQ(count("payments WHERE gateway_id = 'manual'"), "1");
    expect_books_balance();
}

}  // namespace
}  // namespace rb::core
