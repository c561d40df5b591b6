// The reconciler on a real database: what was wanted is brought about, whatever the provider does.

#include "core/instance/reconciler.hpp"

#include "support/provisioning_fixture.hpp"

#include <gtest/gtest.h>

namespace rb::core {
namespace {

// A server that was opened, and what is asked for it.
class ReconcilerTest : public ProvisioningTest {
protected:
    ReconcilerTest() {
        provision_until_done();
        customer_.customer = made_.customer;
        id_ = instance_id();
    }
    void ask(LifecycleCommand command) {
        EXPECT_TRUE(service().command(customer_, id_, command).has_value());
    }
    void ask_as_staff(LifecycleCommand command, const std::string& reason = "") {
        EXPECT_TRUE(service().command(admin_, id_, command, reason).has_value());
    }
    // Whether the server is settled now.
    Result<bool> check() { return reconciler().check(id_); }

    InstanceId id_;
};

TEST_F(ReconcilerTest, Pain08_CommandsAreBroughtAboutHoweverOftenTheProviderFails) {
    ask(LifecycleCommand::stop);
    provider_->set_reachable(false);
    EXPECT_TRUE(check().has_error());
    EXPECT_EQ(instance_status(), "running");
    provider_->set_reachable(true);
    provider_->on_command(InstanceCommand::stop, BadDay::lose_answer);
    EXPECT_TRUE(check().has_error());
    EXPECT_TRUE(*check());
    EXPECT_EQ(instance_status(), "stopped");
    EXPECT_EQ(provider_->commands_seen(InstanceCommand::stop), 1);
}

// The customer reads why in his language; the provider's own words are for the operator.
TEST_F(ReconcilerTest, a_stop_that_is_refused_for_good_settles_with_a_reason) {
    db_.run("DELETE FROM events");
    provider_->on_command(InstanceCommand::stop, BadDay::refuse);
    ask(LifecycleCommand::stop);
    EXPECT_TRUE(*check());
    const auto refused = service().get(customer_, id_)->instance;
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
    EXPECT_EQ(service().get(customer_, id_)->instance.status_reason, refused.status_reason);
    ask(LifecycleCommand::stop);
    EXPECT_EQ(service().get(customer_, id_)->instance.status_reason, "");
    EXPECT_TRUE(*check());
    EXPECT_EQ(instance_status(), "stopped");
}

TEST_F(ReconcilerTest, a_start_that_is_refused_for_good_leaves_the_server_stopped) {
    ask_as_staff(LifecycleCommand::stop);
    EXPECT_TRUE(*check());
    provider_->on_command(InstanceCommand::start, BadDay::refuse);
    ask_as_staff(LifecycleCommand::start);
    EXPECT_TRUE(*check());
    EXPECT_EQ(instance_status(), "stopped");
    EXPECT_EQ(db_.value("SELECT desired_status FROM instances"), "stopped");
    EXPECT_NE(db_.value("SELECT status_reason FROM instances"), "");
}

TEST_F(ReconcilerTest, a_command_that_was_accepted_and_then_failed_is_not_asked_for_again) {
    provider_->on_command(InstanceCommand::stop, BadDay::fail_later);
    ask(LifecycleCommand::stop);
    EXPECT_FALSE(*check());
    EXPECT_TRUE(*check());
    EXPECT_EQ(instance_status(), "running");
    EXPECT_EQ(db_.value("SELECT desired_status || pending_operation FROM instances"), "running");
    EXPECT_NE(db_.value("SELECT status_reason FROM instances"), "");
    EXPECT_EQ(provider_->commands_seen(InstanceCommand::stop), 1);
}

// What failed was the older command; of the newer one the provider has not even heard.
TEST_F(ReconcilerTest, an_operation_that_fails_after_the_opposite_command_does_not_refuse_that) {
    ask(LifecycleCommand::stop);
    ASSERT_TRUE(*check());
    provider_->on_command(InstanceCommand::start, BadDay::fail_later);
    ask(LifecycleCommand::start);
    EXPECT_FALSE(*check());
    // The customer changes his mind, and then once more.
    ask(LifecycleCommand::stop);
    ask(LifecycleCommand::start);
    EXPECT_TRUE(*check());
    EXPECT_EQ(instance_status(), "running");
    EXPECT_EQ(db_.value("SELECT status_reason FROM instances"), "");
    EXPECT_EQ(db_.value("SELECT count(*) FROM operation_logs WHERE action LIKE '%.refused'"), "0");
}

TEST_F(ReconcilerTest, an_end_is_asked_for_although_an_earlier_stop_failed) {
    provider_->on_command(InstanceCommand::stop, BadDay::fail_later);
    ask(LifecycleCommand::stop);
    EXPECT_FALSE(*check());
    ask(LifecycleCommand::terminate);
    EXPECT_TRUE(*check());
    EXPECT_EQ(instance_status(), "terminated");
    EXPECT_EQ(provider_->server_count(), 0U);
}

TEST_F(ReconcilerTest, a_restart_that_was_accepted_and_then_failed_says_so) {
    provider_->on_command(InstanceCommand::restart, BadDay::fail_later);
    ask(LifecycleCommand::restart);
    EXPECT_FALSE(*check());
    EXPECT_TRUE(*check());
    EXPECT_EQ(instance_status(), "running");
    EXPECT_NE(db_.value("SELECT status_reason FROM instances").find("refused to restart"),
              std::string::npos);
    EXPECT_EQ(db_.value("SELECT desired_status FROM instances"), "running");
}

TEST_F(ReconcilerTest, an_end_that_is_refused_is_kept_to_and_tried_again_by_the_clock) {
    provider_->on_command(InstanceCommand::terminate, BadDay::refuse);
    provider_->on_command(InstanceCommand::terminate, BadDay::refuse);
    ask(LifecycleCommand::terminate);
    EXPECT_TRUE(*check());
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

TEST_F(ReconcilerTest, a_change_behind_our_back_is_found_and_undone_by_the_clock) {
    const auto at_provider = db_.value("SELECT provider_instance_id FROM instances");
    provider_->set_state(at_provider, ProviderState::stopped);
    clock_.advance(16min);
    const auto report = reconciler().check_due();
    ASSERT_TRUE(report.has_value());
    EXPECT_EQ(report->looked_at, 1);
    EXPECT_EQ(provider_->state_of(at_provider), ProviderState::running);
    EXPECT_EQ(db_.value("SELECT id FROM instances"), id_.to_string());
}

TEST_F(ReconcilerTest, what_vanished_is_reported_and_never_made_anew) {
    provider_->set_state(db_.value("SELECT provider_instance_id FROM instances"),
                         ProviderState::gone);
    ASSERT_TRUE(check().has_value());
    EXPECT_EQ(instance_status(), "error");
    EXPECT_EQ(provider_->server_count(), 0U);
    EXPECT_EQ(order_status(), "active");
    // People are told, once, and again when it happens again.
    const auto told = [&] {
        return db_.value(
                   "SELECT count(*) FROM events WHERE payload->>'template' = "
                   "'instance.broken'") +
               db_.value("SELECT count(*) FROM operation_logs WHERE action = 'instance.broken'");
    };
    EXPECT_EQ(told(), "11");
    clock_.advance(16min);
    ASSERT_TRUE(reconciler().check_due().has_value());
    EXPECT_EQ(told(), "11");
}

TEST_F(ReconcilerTest, an_accepted_command_is_asked_about_until_it_is_done) {
    provider_->on_command(InstanceCommand::stop, BadDay::accept);
    ask(LifecycleCommand::stop);
    EXPECT_FALSE(*check());
    EXPECT_NE(db_.value("SELECT pending_operation FROM instances"), "");
    EXPECT_TRUE(*check());
    EXPECT_EQ(instance_status(), "stopped");
    EXPECT_EQ(db_.value("SELECT pending_operation FROM instances"), "");
}

TEST_F(ReconcilerTest, a_newer_command_beats_an_older_ones_answer) {
    ask(LifecycleCommand::stop);
    ask(LifecycleCommand::start);
    EXPECT_TRUE(*check());
    EXPECT_EQ(instance_status(), "running");
    EXPECT_EQ(provider_->commands_seen(InstanceCommand::stop), 0);
}

TEST_F(ReconcilerTest, a_restart_that_a_suspension_overtook_does_not_come_with_the_end_of_it) {
    ask(LifecycleCommand::restart);
    ask_as_staff(LifecycleCommand::suspend, "abuse");
    EXPECT_TRUE(*check());
    ask_as_staff(LifecycleCommand::unsuspend);
    EXPECT_TRUE(*check());
    EXPECT_EQ(instance_status(), "running");
    EXPECT_EQ(provider_->commands_seen(InstanceCommand::restart), 0);
}

TEST_F(ReconcilerTest, the_end_of_a_suspension_starts_nothing_that_its_customer_had_stopped) {
    ask(LifecycleCommand::stop);
    EXPECT_TRUE(*check());
    ask_as_staff(LifecycleCommand::suspend, "abuse");
    ask_as_staff(LifecycleCommand::suspend, "more");
    EXPECT_TRUE(*check());
    ask_as_staff(LifecycleCommand::unsuspend);
    EXPECT_TRUE(*check());
    EXPECT_TRUE(*check());
    EXPECT_EQ(instance_status(), "stopped");
    EXPECT_EQ(db_.value("SELECT desired_status FROM instances"), "stopped");
}

TEST_F(ReconcilerTest, restarts_once_per_command) {
    ask(LifecycleCommand::restart);
    EXPECT_TRUE(*check());
    EXPECT_TRUE(*check());
    EXPECT_EQ(provider_->commands_seen(InstanceCommand::restart), 1);
}

}  // namespace
}  // namespace rb::core
