#include "core/instance/reconcile_step.hpp"

#include <gtest/gtest.h>

namespace rb::core {
namespace {

const std::set<ProviderCapability> all{ProviderCapability::suspend, ProviderCapability::unsuspend};
const std::set<ProviderCapability> no_suspend{};

Instance wanted(DesiredStatus desired) {
    Instance instance{.id = {},
                      .order = {},
                      .customer = {},
                      .product = {},
                      .product_name = {},
                      .provider_id = {},
                      .name = {},
                      .spec = {},
                      .renewal_amount = Money::zero(Currency::cny())};
    instance.desired = desired;
    return instance;
}

std::string told(const ReconcileStep& step) {
    if (std::holds_alternative<Settled>(step)) return "settled";
    if (std::holds_alternative<Wait>(step)) return "wait";
    if (std::holds_alternative<Ended>(step)) return "ended";
    if (std::holds_alternative<Broken>(step)) return "broken";
    constexpr const char* names[] = {
        "start",     "stop",           "restart", "suspend",       "unsuspend",        "resize",
        "reinstall", "reset_password", "rename",  "take_snapshot", "restore_snapshot", "terminate"};
    return names[static_cast<int>(std::get<Command>(step).command)];
}

TEST(ReconcileStep, is_this_table) {
    using D = DesiredStatus;
    using S = ProviderState;
    struct Row {
        D desired;
        S state;
        const char* step;
    };
    const Row rows[] = {
        {D::running, S::running, "settled"},      {D::running, S::stopped, "start"},
        {D::running, S::suspended, "unsuspend"},  {D::running, S::opening, "wait"},
        {D::running, S::gone, "broken"},          {D::running, S::failed, "broken"},
        {D::stopped, S::running, "stop"},         {D::stopped, S::stopped, "settled"},
        {D::stopped, S::suspended, "unsuspend"},  {D::stopped, S::gone, "broken"},
        {D::suspended, S::running, "suspend"},    {D::suspended, S::stopped, "suspend"},
        {D::suspended, S::suspended, "settled"},  {D::suspended, S::gone, "broken"},
        {D::terminated, S::running, "terminate"}, {D::terminated, S::suspended, "terminate"},
        {D::terminated, S::failed, "terminate"},  {D::terminated, S::opening, "terminate"},
        {D::terminated, S::gone, "ended"},
    };
    for (const auto& row : rows) {
        EXPECT_EQ(told(next_step(wanted(row.desired), row.state, all)), row.step)
            << name_of(row.desired) << " at state " << static_cast<int>(row.state);
    }
}

TEST(ReconcileStep, restarts_only_what_runs_and_shall_run) {
    auto instance = wanted(DesiredStatus::running);
    instance.restart_requested = true;
    EXPECT_EQ(told(next_step(instance, ProviderState::running, all)), "restart");
    EXPECT_EQ(told(next_step(instance, ProviderState::stopped, all)), "start");
}

TEST(ReconcileStep, stops_where_the_provider_cannot_suspend) {
    const auto instance = wanted(DesiredStatus::suspended);
    EXPECT_EQ(told(next_step(instance, ProviderState::running, no_suspend)), "stop");
    EXPECT_EQ(told(next_step(instance, ProviderState::stopped, no_suspend)), "settled");
    EXPECT_EQ(shown_status(instance, ProviderState::stopped, no_suspend),
              InstanceStatus::suspended);
}

}  // namespace
}  // namespace rb::core
