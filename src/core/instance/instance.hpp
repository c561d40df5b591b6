// An instance: a server that a customer holds, with what it shall be (desired) and what it was last
// seen to be (status). Commands only ever change the desire; the reconciler brings the provider to
// it.

#pragma once

#include "core/catalogue/billing_cycle.hpp"
#include "core/ids.hpp"
#include "core/money/money.hpp"
#include "core/named_enum.hpp"
#include "core/plugin/provider.hpp"
#include "core/ports/clock.hpp"

#include <optional>
#include <string>
#include <vector>

namespace rb::core {

enum class InstanceStatus { provisioning, running, stopped, suspended, terminated, error };

template <>
struct EnumNames<InstanceStatus> {
    static constexpr std::array<std::string_view, 6> names{"provisioning", "running",    "stopped",
                                                           "suspended",    "terminated", "error"};
};

enum class DesiredStatus { running, stopped, suspended, terminated };

template <>
struct EnumNames<DesiredStatus> {
    static constexpr std::array<std::string_view, 4> names{"running", "stopped", "suspended",
                                                           "terminated"};
};

// Why it is suspended. The billing run lifts only its own suspension.
enum class SuspensionCause { none, overdue, operator_decision };

template <>
struct EnumNames<SuspensionCause> {
    static constexpr std::array<std::string_view, 3> names{"", "overdue", "operator"};
};

// As plugins spell them.
template <>
struct EnumNames<InstanceCommand> {
    static constexpr std::array<std::string_view, 12> names{
        "start",     "stop",           "restart", "suspend",       "unsuspend",        "resize",
        "reinstall", "reset_password", "rename",  "take_snapshot", "restore_snapshot", "terminate"};
};

struct Instance {
    InstanceId id;
    OrderId order;
    CustomerId customer;
    ProductId product;
    std::string product_name;
    std::string provider_id;
    std::string provider_instance_id = {};
    // A host name made of the id.
    std::string name;
    StringMap spec;
    InstanceStatus status = InstanceStatus::provisioning;
    DesiredStatus desired = DesiredStatus::running;
    // Raised by each command; an answer to an older command does not count.
    std::int64_t generation = 1;
    // Why it stands where it does, for people.
    std::string status_reason = {};
    // What the provider last said that went wrong, for operators alone: it may name our own account
    // there. Empty while nothing is wrong.
    std::string provider_message = {};
    SuspensionCause suspension_cause = SuspensionCause::none;
    // While it is suspended: what was desired before, running or stopped.
    DesiredStatus desired_before = DesiredStatus::running;
    std::string ip_address = {};
    StringMap details = {};
    // Handle of an operation the provider accepted and has not finished.
    std::string pending_operation = {};
    // The key of the command that it carries out (command_key); empty for an opening.
    std::string pending_operation_key = {};
    bool restart_requested = false;
    BillingCycle cycle = BillingCycle::monthly;
    Money renewal_amount;
    // The billing clock starts when the provider confirms.
    std::optional<Timestamp> activated_at = {};
    std::optional<Timestamp> paid_until = {};
    bool auto_renew = true;
    std::optional<Timestamp> next_check_at = {};
    Timestamp created_at = {};
    Timestamp updated_at = {};
    std::optional<Timestamp> terminated_at = {};

    [[nodiscard]] bool is_terminated() const { return status == InstanceStatus::terminated; }
    [[nodiscard]] bool is_ending() const { return desired == DesiredStatus::terminated; }
    // Whether what was last seen is what shall be.
    [[nodiscard]] bool is_settled() const;

    // The key the provider was, or will be, asked to open it with: the same for every attempt.
    [[nodiscard]] IdempotencyKey opening_key() const { return {id.to_string()}; }
    // The key of a command given by the desire as it is now: another desire makes other keys.
    [[nodiscard]] IdempotencyKey command_key(InstanceCommand command) const;
    [[nodiscard]] InstanceRef ref() const { return {id, provider_instance_id, opening_key()}; }

    // Sets a new desire; any but `running` takes back a restart that has not happened. REQUIRES:
    // not is_ending(), or `status` is terminated
    void want(DesiredStatus status, Timestamp now);
    // Ends a suspension, whatever its cause: a server that was stopped before it stays so.
    // REQUIRES: desired is suspended
    void resume(Timestamp now);
};

// "rb-018f4e2a7b1c7d3e8f900123456789ab": fits a DNS label and an Incus name.
std::string instance_name(InstanceId id);

// A host's answer in our words; `gone` has none, it is an error while the instance is wanted.
std::optional<InstanceStatus> status_of(ProviderState state);

}  // namespace rb::core
