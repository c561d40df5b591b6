#include "core/instance/instance_service.hpp"

#include "core/billing/cancel_renewals.hpp"
#include "core/event/event_store.hpp"
#include "core/instance/limits.hpp"
#include "core/limits.hpp"
#include "core/operation_log/operation_log.hpp"
#include "core/text.hpp"
#include "core/unit_of_work.hpp"

#include <algorithm>

namespace rb::core {
namespace {

constexpr std::string_view log_target = "rustbill_server::instances";

Error instance_not_found() {
    return {ErrorCode::not_found, "instance not found", "id"};
}

Error not_now(std::string message) {
    return {ErrorCode::failed_precondition, std::move(message), "id"};
}

std::string_view word_of(LifecycleCommand command) {
    constexpr std::array<std::string_view, 6> words{"start",     "stop",    "restart",
                                                    "terminate", "suspend", "unsuspend"};
    return words[static_cast<std::size_t>(command)];
}

ProviderCapability capability_for(LifecycleCommand command) {
    switch (command) {
        case LifecycleCommand::start:
            return ProviderCapability::start;
        case LifecycleCommand::stop:
            return ProviderCapability::stop;
        case LifecycleCommand::restart:
            return ProviderCapability::restart;
        case LifecycleCommand::terminate:
            return ProviderCapability::terminate;
        case LifecycleCommand::suspend:
        case LifecycleCommand::unsuspend:
            // A provider without `suspend` is stopped instead (reconcile_step.hpp).
            return ProviderCapability::stop;
    }
    return ProviderCapability::start;
}

ProviderAction standard_action(LifecycleCommand command, std::string label,
                               const Instance& instance) {
    const bool is_running = instance.status == InstanceStatus::running;
    const bool is_stopped = instance.status == InstanceStatus::stopped;
    const bool may = (command == LifecycleCommand::start && is_stopped) ||
                     (command == LifecycleCommand::stop && is_running) ||
                     (command == LifecycleCommand::restart && is_running) ||
                     (command == LifecycleCommand::terminate && !instance.is_ending() &&
                      instance.status != InstanceStatus::provisioning);
    ProviderAction action{.id = std::string(word_of(command)),
                          .label = std::move(label),
                          .style = {},
                          .confirmation = {},
                          .enabled = may};
    if (command == LifecycleCommand::terminate) {
        action.style = "danger";
        action.confirmation =
            "终止后无法恢复，数据将被删除。确定吗？ / Terminating is final and deletes all data. "
            "Continue?";
    }
    return action;
}

// Ours first, so that every page finds them in the same place; a provider cannot replace them.
void add_standard_actions(InstanceDescription& description, const Instance& instance) {
    std::vector<ProviderAction> actions{
        standard_action(LifecycleCommand::start, "启动 / Start", instance),
        standard_action(LifecycleCommand::stop, "停止 / Stop", instance),
        standard_action(LifecycleCommand::restart, "重启 / Restart", instance),
        standard_action(LifecycleCommand::terminate, "终止 / Terminate", instance),
    };
    for (auto& action : description.actions) {
        const bool is_ours = std::ranges::any_of(
            actions, [&](const ProviderAction& ours) { return ours.id == action.id; });
        if (!is_ours) actions.push_back(std::move(action));
    }
    description.actions = std::move(actions);
}

Result<> check_state(const Actor& actor, const Instance& instance, LifecycleCommand command) {
    if (instance.is_ending()) {
        if (command == LifecycleCommand::terminate) return {};
        return not_now("the instance is terminated");
    }
    if (instance.status == InstanceStatus::provisioning) {
        return not_now("the instance is still being opened; cancel its order instead");
    }
    const bool is_suspended = instance.desired == DesiredStatus::suspended;
    if (is_suspended && !actor.is_staff() && command != LifecycleCommand::terminate) {
        return not_now("the instance is suspended; pay what is overdue or ask support");
    }
    if (is_suspended && actor.is_staff() &&
        (command == LifecycleCommand::start || command == LifecycleCommand::stop ||
         command == LifecycleCommand::restart)) {
        return not_now("the instance is suspended; unsuspend it first");
    }
    if (command == LifecycleCommand::restart && instance.desired != DesiredStatus::running) {
        return not_now("the instance is stopped; start it instead");
    }
    return {};
}

// The provider's own words are for operators: they may name our account there.
Error error_for_customer(ErrorCode code) {
    const bool is_unclear =
        code == ErrorCode::outcome_unknown || code == ErrorCode::deadline_exceeded;
    return {code, is_unclear ? "it is not known whether this was done; look again in a minute"
                             : "this could not be done; try again later or ask support"};
}

}  // namespace

Result<> enqueue_reconcile(UnitOfWork& unit, IdSource& ids, const Instance& instance,
                           Timestamp now) {
    return unit.events().enqueue({.id = ids.next_id<EventId>(),
                                  .kind = EventKind::reconcile_instance,
                                  .subject = instance.id.uuid(),
                                  .customer = instance.customer,
                                  .run_at = now,
                                  .created_at = now});
}

Result<Page<Instance>> InstanceService::list(const Actor& actor, InstanceFilter filter,
                                             PageRequest page) {
    if (!actor.is_staff()) {
        if (filter.customer && *filter.customer != actor.customer) return Page<Instance>{};
        filter.customer = actor.customer;
    }
    auto unit = TRY(ports_.database.read());
    return unit->instances().list(filter, page);
}

Result<Page<Orphan>> InstanceService::list_orphans(const Actor& actor, PageRequest page) {
    ASSERT(actor.is_staff());
    auto unit = TRY(ports_.database.read());
    return unit->orphans().list(ports_.clock.now() - instance_limits::orphan_patience, page);
}

Result<Instance> InstanceService::find_visible(const Actor& actor, InstanceId id) {
    auto unit = TRY(ports_.database.read());
    auto instance = TRY(unit->instances().find(id));
    // Not "permission denied": a stranger must not learn that this id exists.
    if (!instance || !actor.may_see(instance->customer)) return instance_not_found();
    return std::move(*instance);
}

Result<InstanceDetails> InstanceService::get(const Actor& actor, InstanceId id) {
    auto instance = TRY(find_visible(actor, id));
    auto description = TRY(describe(instance));
    add_standard_actions(description, instance);
    return InstanceDetails{std::move(instance), std::move(description)};
}

Result<InstanceDescription> InstanceService::describe(const Instance& instance) {
    const auto now = ports_.clock.now();
    auto unit = TRY(ports_.database.read());
    auto stored = TRY(unit->instances().find_description(instance.id));
    unit.reset();  // no connection is held while the provider is asked
    const bool is_fresh =
        stored.taken_at && now - *stored.taken_at < instance_limits::description_age_max;
    if (is_fresh || instance.is_ending() || instance.provider_instance_id.empty()) {
        return std::move(stored.description);
    }
    auto provider = ports_.plugins.find_provider(instance.provider_id);
    if (provider.has_error()) return std::move(stored.description);
    const auto& capabilities = (*provider)->capabilities();
    if (!capabilities.contains(ProviderCapability::sections) &&
        !capabilities.contains(ProviderCapability::actions)) {
        return std::move(stored.description);
    }
    auto told = (*provider)->describe(instance.ref());
    if (told.has_error()) {
        // What the provider last said is better than an empty page.
        ports_.log.warn(
            log_target, "the provider did not describe an instance",
            {{"instance_id", instance.id.to_string()}, {"error", told.error().message}});
        return std::move(stored.description);
    }
    TRY(in_transaction(ports_.database, "save_description", [&](UnitOfWork& writing) -> Result<> {
        return writing.instances().save_description(instance.id, *told, now);
    }));
    return std::move(*told);
}

Result<> InstanceService::check_offered(const Instance& instance, LifecycleCommand command) {
    auto provider = TRY(ports_.plugins.find_provider(instance.provider_id));
    if (provider->capabilities().contains(capability_for(command))) return {};
    return Error{ErrorCode::unsupported,
                 "the provider of this instance does not offer: " + std::string(word_of(command))};
}

Result<Instance> InstanceService::command(const Actor& actor, InstanceId id,
                                          LifecycleCommand command, std::string_view reason) {
    const bool is_for_staff =
        command == LifecycleCommand::suspend || command == LifecycleCommand::unsuspend;
    if (is_for_staff && !actor.is_staff()) {
        return Error{ErrorCode::permission_denied, "only staff may suspend and unsuspend"};
    }
    TRY(check_text(reason, {.field = "reason", .chars_max = limits::reason_chars_max}));
    const auto seen = TRY(find_visible(actor, id));
    TRY(check_state(actor, seen, command));
    if (!seen.is_ending()) TRY(check_offered(seen, command));

    return in_transaction(ports_.database, "instance_command",
                          [&](UnitOfWork& unit) -> Result<Instance> {
                              const auto now = ports_.clock.now();
                              const bool ends = command == LifecycleCommand::terminate;
                              const auto by = ActorStamp::of(actor);
                              if (ends) TRY(cancel_open_renewals(unit, ports_.ids, id, by, now));
                              auto instance = TRY(unit.instances().find_for_update(id));
                              if (!instance || !actor.may_see(instance->customer))
                                  return instance_not_found();
                              TRY(check_state(actor, *instance, command));
                              if (instance->is_ending())
                                  return std::move(*instance);  // a repeated terminate
                              TRY(change_desire(*instance, command, reason));
                              if (ends) TRY(cancel_open_renewals(unit, ports_.ids, id, by, now));
                              TRY(unit.instances().save(*instance));
                              TRY(enqueue_reconcile(unit, ports_.ids, *instance, now));
                              TRY(write_operation(unit, actor, *instance,
                                                  "instance." + std::string(word_of(command))));
                              return std::move(*instance);
                          });
}

Result<> InstanceService::change_desire(Instance& instance, LifecycleCommand command,
                                        std::string_view reason) {
    const auto now = ports_.clock.now();
    // What was said of an earlier command says nothing of this one.
    instance.status_reason.clear();
    switch (command) {
        case LifecycleCommand::start:
            instance.want(DesiredStatus::running, now);
            break;
        case LifecycleCommand::stop:
            instance.want(DesiredStatus::stopped, now);
            break;
        case LifecycleCommand::restart:
            instance.restart_requested = true;
            instance.want(DesiredStatus::running, now);
            break;
        case LifecycleCommand::terminate:
            instance.want(DesiredStatus::terminated, now);
            break;
        case LifecycleCommand::suspend:
            instance.suspension_cause = SuspensionCause::operator_decision;
            instance.status_reason = reason;
            instance.want(DesiredStatus::suspended, now);
            break;
        case LifecycleCommand::unsuspend:
            if (instance.desired != DesiredStatus::suspended)
                return not_now("the instance is not suspended");
            instance.resume(now);
            break;
    }
    return {};
}

Result<> InstanceService::write_operation(UnitOfWork& unit, const Actor& actor,
                                          const Instance& instance, std::string action,
                                          Changes changes) {
    return unit.operation_log().append({.id = ports_.ids.next_id<OperationId>(),
                                        .by = ActorStamp::of(actor),
                                        .customer = instance.customer,
                                        .action = std::move(action),
                                        .object_type = "instance",
                                        .object_id = instance.id.to_string(),
                                        .changes = std::move(changes),
                                        .at = ports_.clock.now()});
}

Result<std::string> InstanceService::run_action(const Actor& actor, InstanceId id,
                                                std::string_view action,
                                                const StringMap& arguments) {
    if (arguments.size() > instance_limits::action_arguments_max) {
        return invalid_field(
            "arguments",
            "must not be more than " + std::to_string(instance_limits::action_arguments_max));
    }
    for (const auto& [key, value] : arguments) {
        if (key.size() + value.size() <= instance_limits::action_argument_bytes_max) continue;
        return invalid_field(
            "arguments", "each must not be longer than " +
                             std::to_string(instance_limits::action_argument_bytes_max) + " bytes");
    }
    const auto instance = TRY(find_visible(actor, id));
    if (instance.status == InstanceStatus::provisioning || instance.is_ending()) {
        return not_now("the instance is not running");
    }
    if (instance.desired == DesiredStatus::suspended && !actor.is_staff()) {
        return not_now("the instance is suspended; pay what is overdue or ask support");
    }
    auto provider = TRY(ports_.plugins.find_provider(instance.provider_id));
    const auto description = TRY(describe(instance));
    const bool is_offered = std::ranges::any_of(
        description.actions,
        [&](const ProviderAction& one) { return one.id == action && one.enabled; });
    if (!is_offered) return invalid_field("action_id", "no such action, or it is disabled now");

    auto answer = provider->run_action(instance.ref(), std::string(action), arguments);
    TRY(in_transaction(ports_.database, "instance_action", [&](UnitOfWork& unit) -> Result<> {
        Changes changes;
        note_change(changes, "outcome", "", answer ? "done" : answer.error().message);
        TRY(write_operation(unit, actor, instance, "instance.action." + std::string(action),
                            std::move(changes)));
        // The action may have changed anything, also where it failed: look soon.
        return enqueue_reconcile(unit, ports_.ids, instance, ports_.clock.now());
    }));
    if (answer.has_value()) return std::move(*answer);
    ports_.log.warn(log_target, "the provider did not do an action",
                    {{"instance_id", instance.id.to_string()},
                     {"action", std::string(action)},
                     {"error", answer.error().message}});
    return actor.is_staff() ? answer.error() : error_for_customer(answer.error().code);
}

}  // namespace rb::core
