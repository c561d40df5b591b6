#include "core/instance/reconcile_step.hpp"

namespace rb::core {
namespace {

ReconcileStep toward_running(const Instance& instance, ProviderState state) {
    switch (state) {
        case ProviderState::running:
            if (instance.restart_requested) return Command{InstanceCommand::restart};
            return Settled{};
        case ProviderState::stopped:
            return Command{InstanceCommand::start};
        case ProviderState::suspended:
            return Command{InstanceCommand::unsuspend};
        default:
            return Wait{};
    }
}

ReconcileStep toward_stopped(ProviderState state) {
    switch (state) {
        case ProviderState::running:
            return Command{InstanceCommand::stop};
        case ProviderState::stopped:
            return Settled{};
        case ProviderState::suspended:
            return Command{InstanceCommand::unsuspend};
        default:
            return Wait{};
    }
}

ReconcileStep toward_suspended(ProviderState state, bool can_suspend) {
    if (state == ProviderState::suspended) return Settled{};
    if (can_suspend) return Command{InstanceCommand::suspend};
    if (state == ProviderState::stopped) return Settled{};
    return Command{InstanceCommand::stop};
}

}  // namespace

ReconcileStep next_step(const Instance& instance, ProviderState state,
                        const std::set<ProviderCapability>& capabilities) {
    if (instance.desired == DesiredStatus::terminated) {
        if (state == ProviderState::gone) return Ended{};
        return Command{InstanceCommand::terminate};
    }
    if (state == ProviderState::gone) return Broken{"the server no longer exists at the provider"};
    if (state == ProviderState::failed) return Broken{"the provider reports the server as failed"};
    if (state == ProviderState::opening) return Wait{};
    switch (instance.desired) {
        case DesiredStatus::running:
            return toward_running(instance, state);
        case DesiredStatus::stopped:
            return toward_stopped(state);
        case DesiredStatus::suspended:
            return toward_suspended(state, capabilities.contains(ProviderCapability::suspend));
        case DesiredStatus::terminated:
            break;
    }
    return Wait{};
}

InstanceStatus shown_status(const Instance& instance, ProviderState state,
                            const std::set<ProviderCapability>& capabilities) {
    if (state == ProviderState::gone) {
        return instance.is_ending() ? InstanceStatus::terminated : InstanceStatus::error;
    }
    if (state == ProviderState::stopped && instance.desired == DesiredStatus::suspended &&
        !capabilities.contains(ProviderCapability::suspend)) {
        return InstanceStatus::suspended;
    }
    // A server that is starting for the first time has been paid for: it is not "provisioning"
    // again.
    if (state == ProviderState::opening) return instance.status;
    return status_of(state).value_or(InstanceStatus::error);
}

}  // namespace rb::core
