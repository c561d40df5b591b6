// What a customer may see of his server and ask of it.

#include "core/instance/instance_service.hpp"

#include "support/provisioning_fixture.hpp"

#include <gtest/gtest.h>

namespace rb::core {
namespace {

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

// Its customer reads it.
TEST_F(ProvisioningTest, the_reason_of_a_suspension_is_a_sentence) {
    provision_until_done();
    const auto suspend = [&](const std::string& reason) {
        return service().command(admin_, instance_id(), LifecycleCommand::suspend, reason);
    };
    EXPECT_EQ(suspend(std::string(501, 'r')).error().field, "reason");
    EXPECT_EQ(suspend("two\nlines").error().field, "reason");
    EXPECT_EQ(instance_status(), "running");
    const auto suspended = suspend(std::string(500, 'r'));
    ASSERT_TRUE(suspended.has_value());
    EXPECT_EQ(suspended->status_reason.size(), 500U);
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

TEST_F(ProvisioningTest,
       an_action_that_failed_is_on_record_and_keeps_the_providers_words_from_customers) {
    provision_until_done();
    customer_.customer = made_.customer;
    provider_->on_action(BadDay::refuse);
    const auto seen_by_staff = service().run_action(admin_, instance_id(), "ping", {}).error();
    provider_->on_action(BadDay::refuse);
    const auto seen = service().run_action(customer_, instance_id(), "ping", {}).error();
    EXPECT_EQ(seen.code, seen_by_staff.code);
    EXPECT_EQ(seen.message, "this could not be done; try again later or ask support");
    EXPECT_NE(seen_by_staff.message, seen.message);
    provider_->on_action(BadDay::lose_answer);
    const auto unclear = service().run_action(customer_, instance_id(), "ping", {}).error();
    EXPECT_EQ(unclear.message, "it is not known whether this was done; look again in a minute");
    EXPECT_EQ(
        db_.value("SELECT count(*) FROM operation_logs WHERE action = 'instance.action.ping'"),
        "3");
    EXPECT_EQ(db_.value("SELECT count(*) FROM operation_logs WHERE changes::text LIKE '%" +
                        seen_by_staff.message + "%'"),
              "2");
}

}  // namespace
}  // namespace rb::core
