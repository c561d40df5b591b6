// Provisioning on a real database, with a provider that has bad days. Each pain of the peers' users
// that is made impossible here has a test that names it.

#include "core/instance/provisioning.hpp"

#include "support/provisioning_fixture.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <set>
#include <stdexcept>
#include <thread>
#include <utility>

namespace rb::core {
namespace {

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
    // For operators they are kept, also when what was left is cleared away.
    EXPECT_NE(db_.value("SELECT provider_message FROM instances"), "");
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

TEST_F(ProvisioningTest, an_opening_that_failed_is_no_refusal_to_clear_it_away) {
    provider_->on_open(BadDay::stall);
    auto handler = provisioning(no_faults_, db_.database());
    ASSERT_TRUE(handler.handle(event())->again_after.has_value());
    provider_->fail_stalled();
    ASSERT_FALSE(handler.handle(event(2))->again_after.has_value());
    EXPECT_EQ(balance(), "129.00");
    for (int look = 0; look < 2; ++look) (void)reconciler().check(instance_id());
    EXPECT_EQ(provider_->server_count(), 0U);
    EXPECT_EQ(instance_status(), "terminated");
}

TEST_F(ProvisioningTest,
       Pain08_a_suspension_left_at_the_provider_is_shown_until_it_is_lifted_there) {
    provision_until_done();
    provider_->set_state(db_.value("SELECT provider_instance_id FROM instances"),
                         ProviderState::suspended);
    provider_->on_command(InstanceCommand::unsuspend, BadDay::refuse);
    ASSERT_TRUE(reconciler().check(instance_id()).has_value());
    EXPECT_EQ(instance_status(), "suspended");
    EXPECT_EQ(order_status(), "suspended");
    EXPECT_NE(db_.value("SELECT provider_message FROM instances"), "");
    // Lifted there, it is running here, and nothing is wrong any more.
    ASSERT_TRUE(*reconciler().check(instance_id()));
    EXPECT_EQ(instance_status(), "running");
    EXPECT_EQ(order_status(), "active");
    EXPECT_EQ(db_.value("SELECT provider_message FROM instances"), "");
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

}  // namespace
}  // namespace rb::core
