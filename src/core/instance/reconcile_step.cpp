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

Refusal refusal_of(const Instance& instance, InstanceCommand command, ProviderState state) {
    const bool is_wish =
        instance.desired == DesiredStatus::running || instance.desired == DesiredStatus::stopped;
    switch (command) {
        case InstanceCommand::start:
            if (!is_wish) break;
            return {
                "供应商拒绝启动，服务器保持停止 / the provider refused to start the server; it "
                "stays stopped",
                DesiredStatus::stopped};
        case InstanceCommand::stop:
            if (!is_wish) break;
            return {
                "供应商拒绝停止，服务器继续运行 / the provider refused to stop the server; it "
                "keeps running",
                DesiredStatus::running};
        case InstanceCommand::restart:
            if (!is_wish) break;
            return {
                "供应商拒绝重启，服务器状态未变 / the provider refused to restart the server; it "
                "is as it was",
                state == ProviderState::stopped ? DesiredStatus::stopped : DesiredStatus::running};
        case InstanceCommand::unsuspend:
            return {
                "供应商拒绝恢复服务器，工作人员会处理 / the provider refused to resume the server; "
                "our staff will see to it"};
        case InstanceCommand::terminate:
            return {
                "供应商拒绝终止服务器，工作人员会处理 / the provider refused to terminate the "
                "server; our staff will see to it"};
        default:
            break;
    }
    return {
        "供应商拒绝暂停服务器，工作人员会处理 / the provider refused to suspend the server; our "
        "staff will see to it"};
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
