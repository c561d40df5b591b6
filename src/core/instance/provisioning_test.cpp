// Provisioning and reconciling on a real database, with a provider that has bad days. Each pain of
// the peers' users that is made impossible here has a test that names it.

#include "core/instance/provisioning.hpp"

#include "core/instance/instance_service.hpp"
#include "core/instance/reconciler.hpp"

#include "support/fake_directory.hpp"
#include "support/paid_order.hpp"
#include "support/scripted_provider.hpp"
#include "support/test_database.hpp"
#include "support/twins.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <set>
#include <stdexcept>
#include <thread>
#include <utility>

namespace rb::core {
namespace {

using namespace std::chrono_literals;
using test::BadDay;

// Throws at one named point, once: what a crash there leaves behind.
class CrashAt final : public FaultPoint {
public:
    explicit CrashAt(std::string name) : name_(std::move(name)) {}
    void reached(std::string_view name) override {
        if (name == name_ && !done_.exchange(true)) throw std::runtime_error("crash at " + name_);
    }
    [[nodiscard]] bool happened() const { return done_; }

private:
    const std::string name_;
    std::atomic<bool> done_{false};
};

// Does something else at one named point, once: what happens meanwhile.
class MeanwhileAt final : public FaultPoint {
public:
    MeanwhileAt(std::string name, std::function<void()> work)
        : name_(std::move(name)), work_(std::move(work)) {}
    void reached(std::string_view name) override {
        if (name == name_ && !std::exchange(done_, true)) work_();
    }

private:
    const std::string name_;
    const std::function<void()> work_;
    bool done_ = false;
};

class ProvisioningTest : public testing::Test {
protected:
    ProvisioningTest() {
        directory_.add(std::static_pointer_cast<Provider>(provider_));
        made_ = test::insert_paid_order(db_, ids_, clock_.now());
    }

    ProvisionOrder provisioning(FaultPoint& faults, Database& database) {
        return ProvisionOrder({.database = database,
                               .plugins = directory_,
                               .clock = clock_,
                               .ids = ids_,
                               .faults = faults,
                               .log = log_});
    }
    Reconciler reconciler() {
        return Reconciler({.database = db_.database(),
                           .plugins = directory_,
                           .clock = clock_,
                           .ids = ids_,
                           .faults = no_faults_,
                           .log = log_});
    }
    InstanceService service() {
        return InstanceService({.database = db_.database(),
                                .plugins = directory_,
                                .clock = clock_,
                                .ids = ids_,
                                .log = log_});
    }

    Event event(int attempts = 1) {
        return {.id = ids_.next_id<EventId>(),
                .kind = EventKind::provision_order,
                .subject = made_.order.uuid(),
                .attempts = attempts};
    }
    // As the event worker does it: again and again, until it is done or given up.
    void provision_until_done() {
        auto handler = provisioning(no_faults_, db_.database());
        for (int attempt = 1; attempt <= handler.attempts_max(); ++attempt) {
            auto progress = handler.handle(event(attempt));
            clock_.advance(2s);
            if (progress.has_error()) {
                if (attempt == handler.attempts_max()) {
                    const auto ended = handler.give_up(event(attempt), progress.error());
                    ASSERT_TRUE(ended.has_value());
                }
                continue;
            }
            if (!progress->again_after) return;
            --attempt;
        }
    }

    InstanceId instance_id() {
        return *InstanceId::parse(db_.value("SELECT id FROM instances"), "id");
    }
    std::string order_status() { return db_.value("SELECT status FROM orders"); }
    std::string instance_status() { return db_.value("SELECT status FROM instances"); }
    std::string balance() { return db_.value("SELECT balance FROM customers"); }
    std::string account(const std::string& name) {
        return db_.value(
            "SELECT COALESCE(sum(amount), 0)::decimal(12,2) FROM ledger_postings WHERE account = "
            "'" +
            name + "'");
    }

    test::TestDatabase db_;
    test::FakeClock clock_;
    test::CountingIds ids_;
    test::FakeDirectory directory_;
    std::shared_ptr<test::ScriptedProvider> provider_ = std::make_shared<test::ScriptedProvider>();
    NoFaultPoint no_faults_;
    SilentLog log_;
    test::PaidOrder made_;
    Actor customer_{.kind = ActorKind::customer, .user = {}, .customer = {}};
    const Actor admin_{.kind = ActorKind::admin, .permissions = {"*"}};
};

TEST_F(ProvisioningTest, Pain13_BillingStartsWhenTheProviderConfirms) {
    provider_->on_open(BadDay::accept);
    auto handler = provisioning(no_faults_, db_.database());
    auto progress = handler.handle(event());
    ASSERT_TRUE(progress.has_value()) << progress.error().message << progress.error().detail;
    ASSERT_TRUE(progress->again_after.has_value());
    EXPECT_EQ(order_status(), "provisioning");
    EXPECT_EQ(db_.value("SELECT activated_at FROM instances"), "");
    EXPECT_EQ(account("revenue"), "0.00");

    clock_.advance(1h - 1s);
    ASSERT_FALSE(handler.handle(event())->again_after.has_value());
    EXPECT_EQ(order_status(), "active");
    EXPECT_EQ(instance_status(), "running");
    EXPECT_EQ(db_.value("SELECT ip_address FROM instances"), "192.0.2.1");
    EXPECT_EQ(account("revenue"), "-29.00");
    EXPECT_EQ(account("deferred_revenue"), "0.00");
    EXPECT_EQ(db_.value("SELECT paid_until = activated_at + interval '1 month' FROM instances"),
              "t");
    EXPECT_EQ(provider_->opened_count(instance_id().to_string()), 1);
}

TEST_F(ProvisioningTest, Pain13_ALostAnswerIsProbedAndNothingIsOpenedTwice) {
    provider_->on_open(BadDay::lose_answer);
    provision_until_done();
    EXPECT_EQ(order_status(), "active");
    EXPECT_EQ(provider_->opened_count(instance_id().to_string()), 1);
    EXPECT_EQ(provider_->server_count(), 1U);
}

TEST_F(ProvisioningTest, a_refusal_gives_all_the_money_back_and_hides_the_providers_words) {
    provider_->on_open(BadDay::refuse);
    provision_until_done();
    EXPECT_EQ(order_status(), "cancelled");
    EXPECT_EQ(balance(), "129.00");
    EXPECT_EQ(account("deferred_revenue"), "0.00");
    EXPECT_EQ(account("revenue"), "0.00");
    EXPECT_EQ(db_.value("SELECT status_reason LIKE '%insufficient%' FROM orders"), "f");
    EXPECT_EQ(db_.value("SELECT refunded_amount = total_amount FROM orders"), "t");
    ASSERT_TRUE(*reconciler().check(instance_id()));
    EXPECT_EQ(instance_status(), "terminated");
}

TEST_F(ProvisioningTest, tries_that_are_used_up_refund_and_orphan_nothing) {
    // Every answer is lost after the work was done, until the tries are used up.
    for (int day = 0; day < 3; ++day) provider_->on_open(BadDay::unreachable);
    provider_->set_reachable(false);
    provision_until_done();
    EXPECT_EQ(order_status(), "cancelled");
    EXPECT_EQ(balance(), "129.00");

    provider_->set_reachable(true);
    ASSERT_TRUE(*reconciler().check(instance_id()));
    EXPECT_EQ(provider_->server_count(), 0U);
    EXPECT_EQ(instance_status(), "terminated");
}

TEST_F(ProvisioningTest, a_server_made_after_all_is_ended_by_the_reconciler) {
    provider_->on_open(BadDay::lose_answer);
    auto handler = provisioning(no_faults_, db_.database());
    ASSERT_TRUE(handler.handle(event()).has_error());
    ASSERT_EQ(provider_->server_count(), 1U);
    ASSERT_TRUE(handler.give_up(event(), {ErrorCode::outcome_unknown, "lost"}).has_value());
    EXPECT_EQ(balance(), "129.00");
    ASSERT_TRUE(reconciler().check(instance_id()).has_value());
    EXPECT_EQ(provider_->server_count(), 0U);
}

TEST_F(ProvisioningTest, an_order_cancelled_meanwhile_leaves_no_server_behind) {
    provider_->on_open(BadDay::accept);
    auto handler = provisioning(no_faults_, db_.database());
    ASSERT_TRUE(handler.handle(event())->again_after.has_value());
    ASSERT_TRUE(handler.give_up(event(), {ErrorCode::cancelled, "cancelled"}).has_value());
    EXPECT_FALSE(handler.handle(event(2))->again_after.has_value());
    for (int look = 0; look < 3; ++look) (void)reconciler().check(instance_id());
    EXPECT_EQ(provider_->server_count(), 0U);
    EXPECT_EQ(balance(), "129.00");
}

// A kill before and after every commit and every call of the path, and a second worker that goes
// on.
TEST_F(ProvisioningTest, survives_a_kill_at_every_point) {
    const char* points[] = {"before:provision_begin",   "after:provision_begin",
                            "before-call:open",         "after-call:open",
                            "before:provision_confirm", "after:provision_confirm"};
    for (const auto* point : points) {
        test::TestDatabase db;
        made_ = test::insert_paid_order(db, ids_, clock_.now());
        CrashAt crash(point);
        store_pg::PgDatabase crashing(db.pool(), crash);
        EXPECT_THROW((void)provisioning(crash, crashing).handle(event()), std::runtime_error)
            << point;
        ASSERT_TRUE(crash.happened()) << point;

        auto again = provisioning(no_faults_, db.database()).handle(event(2));
        ASSERT_TRUE(again.has_value()) << point;
        EXPECT_EQ(db.value("SELECT status FROM orders"), "active") << point;
        EXPECT_EQ(db.value("SELECT count(*) FROM instances"), "1") << point;
        EXPECT_EQ(provider_->opened_count(db.value("SELECT id FROM instances")), 1) << point;
        EXPECT_EQ(db.value("SELECT sum(amount) FROM ledger_postings WHERE account = 'revenue'"),
                  "-29.00")
            << point;
    }
}

TEST_F(ProvisioningTest, two_workers_with_one_event_open_one_server) {
    std::vector<std::thread> workers;
    for (int worker = 0; worker < 4; ++worker) {
        workers.emplace_back(
            [&] { (void)provisioning(no_faults_, db_.database()).handle(event()); });
    }
    for (auto& worker : workers) worker.join();
    EXPECT_EQ(db_.value("SELECT count(*) FROM instances"), "1");
    EXPECT_EQ(order_status(), "active");
    EXPECT_EQ(db_.value("SELECT desired_status FROM instances"), "running");
    EXPECT_EQ(account("revenue"), "-29.00");
}

TEST_F(ProvisioningTest, a_worker_that_lost_its_lease_takes_no_confirmed_server_away) {
    MeanwhileAt faster("after-call:open", [&] {
        ASSERT_FALSE(provisioning(no_faults_, db_.database()).handle(event(2))->again_after);
    });
    ASSERT_TRUE(provisioning(faster, db_.database()).handle(event()).has_value());
    EXPECT_EQ(order_status(), "active");
    EXPECT_EQ(db_.value("SELECT desired_status FROM instances"), "running");
    EXPECT_EQ(account("revenue"), "-29.00");
    ASSERT_TRUE(*reconciler().check(instance_id()));
    EXPECT_EQ(instance_status(), "running");
    EXPECT_EQ(provider_->server_count(), 1U);
}

TEST_F(ProvisioningTest, a_worker_that_lost_its_lease_refunds_no_confirmed_server) {
    provider_->on_open(BadDay::refuse);
    MeanwhileAt faster("after-call:open", [&] {
        ASSERT_FALSE(provisioning(no_faults_, db_.database()).handle(event(2))->again_after);
        // By now its customer is behind with his money.
        db_.run("UPDATE orders SET status = 'suspended'");
    });
    ASSERT_TRUE(provisioning(faster, db_.database()).handle(event()).has_value());
    EXPECT_EQ(order_status(), "suspended");
    EXPECT_EQ(db_.value("SELECT desired_status FROM instances"), "running");
    EXPECT_EQ(balance(), "100.00");
}

// The provider works on the opening while its order is cancelled: it has no server yet, and will.
TEST_F(ProvisioningTest, an_order_cancelled_while_its_server_is_being_made_orphans_nothing) {
    const auto opening = event();
    ASSERT_TRUE(in_transaction(db_.database(), "enqueue", [&](UnitOfWork& unit) {
                    return unit.events().enqueue(opening);
                }).has_value());
    MeanwhileAt cancelled("before-call:open", [&] {
        ASSERT_TRUE(provisioning(no_faults_, db_.database())
                        .give_up(event(), {ErrorCode::cancelled, "cancelled"})
                        .has_value());
        EXPECT_FALSE(*reconciler().check(instance_id())) << "its opening is under way";
    });
    ASSERT_TRUE(provisioning(cancelled, db_.database()).handle(opening).has_value());
    ASSERT_EQ(provider_->server_count(), 1U);
    db_.run("DELETE FROM events WHERE kind = 'provision_order'");

    ASSERT_TRUE(reconciler().check(instance_id()).has_value());
    EXPECT_EQ(provider_->server_count(), 0U);
    EXPECT_EQ(instance_status(), "terminated");
    EXPECT_EQ(balance(), "129.00");
}

TEST_F(ProvisioningTest, an_order_cancelled_while_its_opening_stalls_leaves_no_server_behind) {
    provider_->on_open(BadDay::stall);
    auto handler = provisioning(no_faults_, db_.database());
    ASSERT_TRUE(handler.handle(event())->again_after.has_value());
    ASSERT_EQ(provider_->server_count(), 1U);
    ASSERT_TRUE(handler.give_up(event(), {ErrorCode::cancelled, "cancelled"}).has_value());
    EXPECT_TRUE(*reconciler().check(instance_id()));
    EXPECT_EQ(provider_->server_count(), 0U);
    EXPECT_EQ(instance_status(), "terminated");
    EXPECT_EQ(db_.value("SELECT pending_operation FROM instances"), "");
}

TEST_F(ProvisioningTest, a_server_made_after_its_instance_ended_is_ended_at_once) {
    MeanwhileAt ended("before-call:open", [&] {
        ASSERT_TRUE(provisioning(no_faults_, db_.database())
                        .give_up(event(), {ErrorCode::cancelled, "cancelled"})
                        .has_value());
        ASSERT_TRUE(*reconciler().check(instance_id()));
    });
    ASSERT_TRUE(provisioning(ended, db_.database()).handle(event()).has_value());
    EXPECT_EQ(provider_->opened_count(instance_id().to_string()), 1);
    EXPECT_EQ(provider_->server_count(), 0U);
    EXPECT_EQ(instance_status(), "terminated");
}

TEST_F(ProvisioningTest, Pain08_CommandsAreBroughtAboutHoweverOftenTheProviderFails) {
    provision_until_done();
    customer_.customer = made_.customer;
    const auto id = instance_id();
    ASSERT_TRUE(service().command(customer_, id, LifecycleCommand::stop).has_value());
    provider_->set_reachable(false);
    EXPECT_TRUE(reconciler().check(id).has_error());
    EXPECT_EQ(instance_status(), "running");
    provider_->set_reachable(true);
    provider_->on_command(InstanceCommand::stop, BadDay::lose_answer);
    EXPECT_TRUE(reconciler().check(id).has_error());
    EXPECT_TRUE(*reconciler().check(id));
    EXPECT_EQ(instance_status(), "stopped");
    EXPECT_EQ(provider_->commands_seen(InstanceCommand::stop), 1);
}

// The customer reads why in his language; the provider's own words are for the operator.
TEST_F(ProvisioningTest, a_stop_that_is_refused_for_good_settles_with_a_reason) {
    provision_until_done();
    customer_.customer = made_.customer;
    const auto id = instance_id();
    db_.run("DELETE FROM events");
    provider_->on_command(InstanceCommand::stop, BadDay::refuse);
    ASSERT_TRUE(service().command(customer_, id, LifecycleCommand::stop).has_value());
    EXPECT_TRUE(*reconciler().check(id));
    const auto refused = service().get(customer_, id)->instance;
    EXPECT_EQ(refused.status, InstanceStatus::running);
    EXPECT_EQ(refused.desired, DesiredStatus::running);
    EXPECT_TRUE(refused.is_settled());
    EXPECT_NE(refused.status_reason.find("供应商拒绝停止"), std::string::npos);
    EXPECT_NE(refused.status_reason.find("refused to stop"), std::string::npos);
    EXPECT_EQ(refused.status_reason.find("insufficient"), std::string::npos)
        << refused.status_reason;
    const auto told = db_.value(
        "SELECT changes::text FROM operation_logs WHERE action = 'instance.stop.refused'");
    EXPECT_NE(told.find("insufficient balance"), std::string::npos) << told;

    // It stays readable, nothing is tried again, and the next command begins anew.
    clock_.advance(16min);
    EXPECT_EQ(reconciler().check_due()->settled, 1);
    EXPECT_EQ(provider_->commands_seen(InstanceCommand::stop), 0);
    EXPECT_EQ(service().get(customer_, id)->instance.status_reason, refused.status_reason);
    ASSERT_TRUE(service().command(customer_, id, LifecycleCommand::stop).has_value());
    EXPECT_EQ(service().get(customer_, id)->instance.status_reason, "");
    EXPECT_TRUE(*reconciler().check(id));
    EXPECT_EQ(instance_status(), "stopped");
}

TEST_F(ProvisioningTest, a_start_that_is_refused_for_good_leaves_the_server_stopped) {
    provision_until_done();
    const auto id = instance_id();
    ASSERT_TRUE(service().command(admin_, id, LifecycleCommand::stop).has_value());
    EXPECT_TRUE(*reconciler().check(id));
    provider_->on_command(InstanceCommand::start, BadDay::refuse);
    ASSERT_TRUE(service().command(admin_, id, LifecycleCommand::start).has_value());
    EXPECT_TRUE(*reconciler().check(id));
    EXPECT_EQ(instance_status(), "stopped");
    EXPECT_EQ(db_.value("SELECT desired_status FROM instances"), "stopped");
    EXPECT_NE(db_.value("SELECT status_reason FROM instances"), "");
}

TEST_F(ProvisioningTest, a_command_that_was_accepted_and_then_failed_is_not_asked_for_again) {
    provision_until_done();
    customer_.customer = made_.customer;
    const auto id = instance_id();
    ASSERT_TRUE(service().command(customer_, id, LifecycleCommand::stop).has_value());
    // The twin refuses to know an operation that it never took on.
    db_.run("UPDATE instances SET pending_operation = 'failed-operation'");
    EXPECT_TRUE(*reconciler().check(id));
    EXPECT_EQ(instance_status(), "running");
    EXPECT_EQ(db_.value("SELECT desired_status || pending_operation FROM instances"), "running");
    EXPECT_NE(db_.value("SELECT status_reason FROM instances"), "");
    EXPECT_EQ(provider_->commands_seen(InstanceCommand::stop), 0);
}

TEST_F(ProvisioningTest, an_end_that_is_refused_is_kept_to_and_tried_again_by_the_clock) {
    provision_until_done();
    customer_.customer = made_.customer;
    const auto id = instance_id();
    provider_->on_command(InstanceCommand::terminate, BadDay::refuse);
    provider_->on_command(InstanceCommand::terminate, BadDay::refuse);
    ASSERT_TRUE(service().command(customer_, id, LifecycleCommand::terminate).has_value());
    EXPECT_TRUE(*reconciler().check(id));
    EXPECT_EQ(instance_status(), "error");
    EXPECT_NE(db_.value("SELECT status_reason FROM instances"), "");
    EXPECT_EQ(db_.value("SELECT desired_status FROM instances"), "terminated");
    clock_.advance(16min);
    EXPECT_EQ(reconciler().check_due()->settled, 1);
    // Said once, not with each attempt.
    EXPECT_EQ(db_.value("SELECT count(*) FROM operation_logs WHERE action LIKE '%.refused'"), "1");
    clock_.advance(16min);
    EXPECT_EQ(reconciler().check_due()->settled, 1);
    EXPECT_EQ(instance_status(), "terminated");
    EXPECT_EQ(provider_->server_count(), 0U);
}

TEST_F(ProvisioningTest, a_change_behind_our_back_is_found_and_undone_by_the_clock) {
    provision_until_done();
    const auto id = instance_id();
    const auto at_provider = db_.value("SELECT provider_instance_id FROM instances");
    provider_->set_state(at_provider, ProviderState::stopped);
    clock_.advance(16min);
    const auto report = reconciler().check_due();
    ASSERT_TRUE(report.has_value());
    EXPECT_EQ(report->looked_at, 1);
    EXPECT_EQ(provider_->state_of(at_provider), ProviderState::running);
    EXPECT_EQ(db_.value("SELECT id FROM instances"), id.to_string());
}

TEST_F(ProvisioningTest, what_vanished_is_reported_and_never_made_anew) {
    provision_until_done();
    provider_->set_state(db_.value("SELECT provider_instance_id FROM instances"),
                         ProviderState::gone);
    ASSERT_TRUE(reconciler().check(instance_id()).has_value());
    EXPECT_EQ(instance_status(), "error");
    EXPECT_EQ(provider_->server_count(), 0U);
    EXPECT_EQ(order_status(), "active");
}

TEST_F(ProvisioningTest, an_accepted_command_is_asked_about_until_it_is_done) {
    provision_until_done();
    customer_.customer = made_.customer;
    const auto id = instance_id();
    provider_->on_command(InstanceCommand::stop, BadDay::accept);
    ASSERT_TRUE(service().command(customer_, id, LifecycleCommand::stop).has_value());
    EXPECT_FALSE(*reconciler().check(id));
    EXPECT_NE(db_.value("SELECT pending_operation FROM instances"), "");
    EXPECT_TRUE(*reconciler().check(id));
    EXPECT_EQ(instance_status(), "stopped");
    EXPECT_EQ(db_.value("SELECT pending_operation FROM instances"), "");
}

TEST_F(ProvisioningTest, a_newer_command_beats_an_older_ones_answer) {
    provision_until_done();
    customer_.customer = made_.customer;
    const auto id = instance_id();
    ASSERT_TRUE(service().command(customer_, id, LifecycleCommand::stop).has_value());
    ASSERT_TRUE(service().command(customer_, id, LifecycleCommand::start).has_value());
    EXPECT_TRUE(*reconciler().check(id));
    EXPECT_EQ(instance_status(), "running");
    EXPECT_EQ(provider_->commands_seen(InstanceCommand::stop), 0);
}

TEST_F(ProvisioningTest, restarts_once_per_command) {
    provision_until_done();
    customer_.customer = made_.customer;
    const auto id = instance_id();
    ASSERT_TRUE(service().command(customer_, id, LifecycleCommand::restart).has_value());
    EXPECT_TRUE(*reconciler().check(id));
    EXPECT_TRUE(*reconciler().check(id));
    EXPECT_EQ(provider_->commands_seen(InstanceCommand::restart), 1);
}

TEST_F(ProvisioningTest, termination_is_final) {
    provision_until_done();
    customer_.customer = made_.customer;
    const auto id = instance_id();
    ASSERT_TRUE(service().command(customer_, id, LifecycleCommand::terminate).has_value());
    EXPECT_TRUE(service().command(customer_, id, LifecycleCommand::terminate).has_value());
    const auto start = service().command(customer_, id, LifecycleCommand::start);
    ASSERT_TRUE(start.has_error());
    EXPECT_EQ(start.error().code, ErrorCode::failed_precondition);
    EXPECT_TRUE(*reconciler().check(id));
    EXPECT_EQ(instance_status(), "terminated");
    EXPECT_EQ(order_status(), "terminated");
    EXPECT_EQ(provider_->server_count(), 0U);
}

TEST_F(ProvisioningTest, a_stranger_does_not_learn_that_an_instance_exists) {
    provision_until_done();
    Actor stranger{.kind = ActorKind::customer, .user = {}, .customer = ids_.next_id<CustomerId>()};
    const auto seen = service().get(stranger, instance_id());
    ASSERT_TRUE(seen.has_error());
    EXPECT_EQ(seen.error().code, ErrorCode::not_found);
    const auto stopped = service().command(stranger, instance_id(), LifecycleCommand::stop);
    ASSERT_TRUE(stopped.has_error());
    EXPECT_EQ(stopped.error().code, ErrorCode::not_found);
    EXPECT_EQ(service().list(stranger, {.customer = made_.customer}, {})->total, 0U);
}

TEST_F(ProvisioningTest, shows_the_providers_last_word_while_it_cannot_be_asked) {
    provision_until_done();
    customer_.customer = made_.customer;
    const auto first = service().get(customer_, instance_id());
    ASSERT_TRUE(first.has_value());
    ASSERT_EQ(first->description.actions.size(), 5U);
    EXPECT_EQ(first->description.actions[0].id, "start");
    EXPECT_FALSE(first->description.actions[0].enabled);
    EXPECT_EQ(first->description.actions[4].id, "ping");
    provider_->set_reachable(false);
    clock_.advance(1h);
    const auto later = service().get(customer_, instance_id());
    ASSERT_TRUE(later.has_value());
    EXPECT_EQ(later->description.sections.size(), 1U);
}

TEST_F(ProvisioningTest, actions_are_those_the_provider_lists_and_within_their_limits) {
    provision_until_done();
    customer_.customer = made_.customer;
    EXPECT_EQ(*service().run_action(customer_, instance_id(), "ping", {}), "ping done");
    EXPECT_EQ(service().run_action(customer_, instance_id(), "format", {}).error().field,
              "action_id");
    StringMap many;
    for (int index = 0; index < 33; ++index) many["k" + std::to_string(index)] = "v";
    EXPECT_EQ(service().run_action(customer_, instance_id(), "ping", many).error().field,
              "arguments");
    many.erase("k0");
    EXPECT_TRUE(service().run_action(customer_, instance_id(), "ping", many).has_value());
    EXPECT_EQ(service()
                  .run_action(customer_, instance_id(), "ping", {{"k", std::string(4096, 'x')}})
                  .error()
                  .field,
              "arguments");
}

}  // namespace
}  // namespace rb::core
