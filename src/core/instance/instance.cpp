#include "core/instance/instance.hpp"

#include "base/assert.hpp"

namespace rb::core {

bool Instance::is_settled() const {
    if (restart_requested || !pending_operation.empty()) return false;
    switch (desired) {
        case DesiredStatus::running:
            return status == InstanceStatus::running;
        case DesiredStatus::stopped:
            return status == InstanceStatus::stopped;
        case DesiredStatus::suspended:
            return status == InstanceStatus::suspended;
        case DesiredStatus::terminated:
            return status == InstanceStatus::terminated;
    }
    return false;
}

IdempotencyKey Instance::command_key(InstanceCommand command) const {
    return {id.to_string() + "/" + std::to_string(generation) + "/" +
            std::string(name_of(command))};
}

void Instance::want(DesiredStatus wanted, Timestamp now) {
    ASSERT(!is_ending() || wanted == DesiredStatus::terminated);
    if (wanted == DesiredStatus::suspended && desired != wanted) desired_before = desired;
    desired = wanted;
    // A restart that was asked for before would otherwise happen when it is started again.
    if (wanted != DesiredStatus::running) restart_requested = false;
    ++generation;
    next_check_at = now;
    updated_at = now;
}

void Instance::resume(Timestamp now) {
    ASSERT(desired == DesiredStatus::suspended);
    suspension_cause = SuspensionCause::none;
    status_reason.clear();
    want(desired_before, now);
}

std::string instance_name(InstanceId id) {
    std::string name = "rb-";
    for (const char letter : id.to_string()) {
        if (letter != '-') name += letter;
    }
    return name;
}

std::optional<InstanceStatus> status_of(ProviderState state) {
    switch (state) {
        case ProviderState::opening:
            return InstanceStatus::provisioning;
        case ProviderState::running:
            return InstanceStatus::running;
        case ProviderState::stopped:
            return InstanceStatus::stopped;
        case ProviderState::suspended:
            return InstanceStatus::suspended;
        case ProviderState::failed:
            return InstanceStatus::error;
        case ProviderState::gone:
            return std::nullopt;
    }
    return std::nullopt;
}

}  // namespace rb::core
