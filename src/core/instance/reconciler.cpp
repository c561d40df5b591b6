#include "core/instance/reconciler.hpp"

#include "core/instance/instance_store.hpp"
#include "core/instance/limits.hpp"
#include "core/notification/notice.hpp"
#include "core/operation_log/operation_log.hpp"
#include "core/order/order_store.hpp"

namespace rb::core {
namespace {

constexpr std::string_view reconciler_log_target = "rustbill_server::reconciler";
// unsuspend then stop is the longest way; one more to see the end of it.
constexpr int commands_per_look_max = 3;

InstanceView gone() {
    return {.provider_instance_id = {},
            .state = ProviderState::gone,
            .ip_addresses = {},
            .details = {},
            .opened_with_key = {}};
}

}  // namespace

Result<EventProgress> Reconciler::handle(const Event& event) {
    auto settled = check(InstanceId(event.subject));
    if (settled.has_error() || !*settled) {
        return EventProgress::again(settled.has_error() ? instance_limits::unsettled_check_interval
                                                        : std::chrono::seconds(2));
    }
    return EventProgress::done();
}

Result<ReconcileReport> Reconciler::check_due() {
    const auto now = ports_.clock.now();
    const auto due = TRY(in_transaction(ports_.database, "reconcile_take",
                                        [&](UnitOfWork& unit) -> Result<std::vector<InstanceId>> {
                                            return unit.instances().take_due_for_check(
                                                now, now + instance_limits::check_lease,
                                                instance_limits::checks_per_pass_max);
                                        }));
    ReconcileReport report;
    for (const auto id : due) {
        ++report.looked_at;
        auto settled = check(id);
        if (settled.has_error()) {
            ++report.failed;
        } else if (*settled) {
            ++report.settled;
        }
    }
    return report;
}

Result<bool> Reconciler::check(InstanceId id) {
    auto unit = TRY(ports_.database.begin());
    const auto instance = TRY(unit->instances().find(id));
    const bool may_still_open = TRY(is_opening_under_way(*unit, instance));
    unit.reset();  // no connection is held while the provider is asked
    if (!instance || instance->is_terminated()) return true;
    // An opening is provisioning's own until it succeeded or failed.
    if (instance->status == InstanceStatus::provisioning && !instance->is_ending()) return true;

    auto provider = ports_.plugins.find_provider(instance->provider_id);
    if (provider.has_error()) {
        TRY(note_failure(id, provider.error()));
        return std::move(provider).error();
    }
    auto finding = look(**provider, *instance);
    if (finding.has_error()) {
        TRY(note_failure(id, finding.error()));
        return std::move(finding).error();
    }
    if (may_still_open && finding->view && finding->view->state == ProviderState::gone)
        return false;
    return write(*instance, **provider, *finding);
}

// The server of an order that was cancelled may be in the making at this moment: a worker has asked
// for it and waits for the answer. Before that ends, "there is none" proves nothing.
Result<bool> Reconciler::is_opening_under_way(UnitOfWork& unit,
                                              const std::optional<Instance>& instance) {
    if (!instance || !instance->is_ending() || instance->activated_at) return false;
    return unit.events().is_outstanding(EventKind::provision_order, instance->order.uuid());
}

Result<InstanceView> Reconciler::view_of(Provider& provider, const Instance& instance) {
    if (!instance.provider_instance_id.empty()) return provider.inspect(instance.ref());
    // Its opening failed, or its answer was lost: the key finds what was made after all.
    auto found = TRY(provider.probe(instance.opening_key()));
    return found ? std::move(*found) : gone();
}

// An opening that nobody waits for any more may take for ever: it is ended as soon as there is
// something to end. Before that, "there is none" proves nothing.
Result<bool> Reconciler::is_unwanted_opening(Provider& provider, const Instance& instance) {
    if (!instance.is_ending() || instance.activated_at) return false;
    return TRY(provider.probe(instance.opening_key())).has_value();
}

// Of an older desire nothing is left that could have failed: a newer command has overtaken it.
std::optional<InstanceCommand> Reconciler::failed_command(const Instance& instance) {
    constexpr std::array commands{InstanceCommand::start,     InstanceCommand::stop,
                                  InstanceCommand::restart,   InstanceCommand::suspend,
                                  InstanceCommand::unsuspend, InstanceCommand::terminate};
    for (const auto command : commands) {
        if (instance.command_key(command).text == instance.pending_operation_key) return command;
    }
    return std::nullopt;
}

Result<Reconciler::Finding> Reconciler::look(Provider& provider, const Instance& instance) {
    Finding finding;
    // Taken on and then failed: asking once more with its key would get the same operation.
    std::optional<Refused> failed;
    // The server's id is learned when its opening is over.
    const bool is_opening = instance.provider_instance_id.empty();
    if (!instance.pending_operation.empty()) {
        auto polled = provider.poll(instance.ref(), instance.pending_operation);
        if (polled.has_error() && polled.error().code != ErrorCode::plugin_refused)
            return std::move(polled).error();
        if (polled.has_value()) {
            auto* accepted = std::get_if<Accepted>(&*polled);
            if (accepted && !TRY(is_unwanted_opening(provider, instance))) {
                finding.pending_operation = accepted->operation;
                finding.pending_operation_key = instance.pending_operation_key;
                return finding;
            }
            finding.did_act = true;
        } else if (!is_opening) {
            // An opening that failed says nothing about the command that clears it away.
            if (const auto command = failed_command(instance))
                failed = Refused{*command, polled.error().message};
        }
        // Finished or failed for good: either way, see what there is now.
    }
    auto pending = instance;
    for (int commands = 0;; ++commands) {
        finding.view = TRY(view_of(provider, instance));
        const auto step = next_step(pending, finding.view->state, provider.capabilities());
        finding.is_settled =
            std::holds_alternative<Settled>(step) || std::holds_alternative<Ended>(step);
        if (const auto* broken = std::get_if<Broken>(&step)) finding.broken = broken->reason;
        const auto* command = std::get_if<Command>(&step);
        // That a server runs does not tell whether it was restarted.
        const bool failed_to_restart = failed && failed->command == InstanceCommand::restart &&
                                       std::holds_alternative<Settled>(step);
        if (failed_to_restart || (failed && command && failed->command == command->command)) {
            finding.refused = failed;
            return finding;
        }
        if (!command || commands == commands_per_look_max) return finding;
        auto attempted = act(provider, instance, *finding.view, command->command);
        if (attempted.has_error() && is_refusal(attempted.error())) {
            finding.refused = Refused{command->command, attempted.error().message};
            return finding;
        }
        const auto outcome = TRY(std::move(attempted));
        finding.did_act = true;
        if (command->command == InstanceCommand::restart) {
            finding.did_restart = true;
            pending.restart_requested = false;
        }
        if (const auto* accepted = std::get_if<Accepted>(&outcome)) {
            finding.pending_operation = accepted->operation;
            finding.pending_operation_key = instance.command_key(command->command).text;
            return finding;
        }
    }
}

Result<CommandOutcome> Reconciler::act(Provider& provider, const Instance& instance,
                                       const InstanceView& view, InstanceCommand command) {
    auto ref = instance.ref();
    if (ref.provider_instance_id.empty()) ref.provider_instance_id = view.provider_instance_id;
    ports_.faults.reached("before-call:" + std::string(name_of(command)));
    auto outcome = provider.perform({.command = command,
                                     .instance = ref,
                                     .key = instance.command_key(command),
                                     .arguments = {}});
    ports_.faults.reached("after-call:" + std::string(name_of(command)));
    return outcome;
}

Result<bool> Reconciler::write(const Instance& seen, const Provider& provider,
                               const Finding& finding) {
    const auto now = ports_.clock.now();
    return in_transaction(
        ports_.database, "reconcile_write", [&](UnitOfWork& unit) -> Result<bool> {
            // Orders are locked before their instances, everywhere.
            auto order = TRY(unit.orders().find_for_update(seen.order));
            auto instance = TRY(unit.instances().find_for_update(seen.id));
            if (!order || !instance || instance->is_terminated()) return true;
            const bool is_current = instance->generation == seen.generation;
            if (finding.view) {
                if (!finding.view->provider_instance_id.empty()) {
                    instance->provider_instance_id = finding.view->provider_instance_id;
                }
                if (!finding.view->ip_addresses.empty())
                    instance->ip_address = finding.view->ip_addresses.front();
                if (!finding.view->details.empty()) instance->details = finding.view->details;
                instance->status =
                    shown_status(*instance, finding.view->state, provider.capabilities());
            }
            instance->pending_operation = finding.pending_operation;
            instance->pending_operation_key = finding.pending_operation_key;
            if (is_current && finding.did_restart) instance->restart_requested = false;
            const bool was_wrong = seen.status == InstanceStatus::error;
            const bool is_refused = is_current && finding.refused;
            if (is_refused) {
                TRY(settle_refusal(unit, *instance, finding, now));
            } else if (!finding.broken.empty()) {
                // Once, and not at each of the clock's further looks.
                const bool is_news = !was_wrong || instance->status_reason != finding.broken;
                if (is_news) TRY(report_broken(unit, *instance, finding.broken, now));
                instance->status = InstanceStatus::error;
                instance->status_reason = finding.broken;
            } else if (finding.is_settled && (finding.did_act || was_wrong) &&
                       instance->desired != DesiredStatus::suspended) {
                // What a refusal left as the reason stays until something has changed.
                instance->status_reason.clear();
            }
            // Why an opening failed is kept while its remains are cleared away.
            if (is_refused) {
                instance->provider_message = finding.refused->provider_message;
            } else if (!instance->is_ending()) {
                instance->provider_message.clear();
            }
            const bool is_settled = is_current && finding.is_settled;
            const bool needs_people = is_refused || !finding.broken.empty();
            instance->next_check_at =
                now + (is_settled || needs_people
                           ? std::chrono::seconds(instance_limits::settled_check_interval)
                           : instance_limits::unsettled_check_interval);
            if (instance->is_terminated()) {
                instance->terminated_at = now;
                instance->next_check_at.reset();
            }
            instance->updated_at = now;
            TRY(unit.instances().save(*instance));
            TRY(follow_with_order(unit, *instance, now));
            // These are as settled as they get: an operator must look, and the clock looks again.
            return is_settled || needs_people;
        });
}

Result<> Reconciler::settle_refusal(UnitOfWork& unit, Instance& instance, const Finding& finding,
                                    Timestamp now) {
    const auto& refused = *finding.refused;
    auto refusal = refusal_of(instance, refused.command, finding.view->state);
    const bool is_news = instance.status_reason != refusal.reason;
    instance.status_reason = std::move(refusal.reason);
    instance.restart_requested = false;
    if (refusal.settle_for) {
        instance.desired = *refusal.settle_for;
    } else if (instance.is_ending()) {
        instance.status = InstanceStatus::error;
    }
    // Once, and not at each of the clock's further attempts.
    if (!is_news) return {};
    ports_.log.error(reconciler_log_target, "a provider refused a command for good",
                     {{"instance_id", instance.id.to_string()},
                      {"provider_id", instance.provider_id},
                      {"command", name_of(refused.command)},
                      {"error", refused.provider_message}});
    Changes changes;
    note_change(changes, "provider_message", "", refused.provider_message);
    return unit.operation_log().append(
        {.id = ports_.ids.next_id<OperationId>(),
         .by = ActorStamp::of(Actor::system()),
         .customer = instance.customer,
         .action = "instance." + std::string(name_of(refused.command)) + ".refused",
         .object_type = "instance",
         .object_id = instance.id.to_string(),
         .changes = std::move(changes),
         .at = now});
}

// The customer pays for a server that is not there, or does not work: people must know.
Result<> Reconciler::report_broken(UnitOfWork& unit, const Instance& instance,
                                   const std::string& reason, Timestamp now) {
    ports_.log.error(reconciler_log_target,
                     "a server is not as it shall be, and no command mends it",
                     {{"instance_id", instance.id.to_string()},
                      {"provider_id", instance.provider_id},
                      {"provider_instance_id", instance.provider_instance_id},
                      {"reason", reason}});
    Changes changes;
    note_change(changes, "reason", "", reason);
    TRY(unit.operation_log().append({.id = ports_.ids.next_id<OperationId>(),
                                     .by = ActorStamp::of(Actor::system()),
                                     .customer = instance.customer,
                                     .action = "instance.broken",
                                     .object_type = "instance",
                                     .object_id = instance.id.to_string(),
                                     .changes = std::move(changes),
                                     .at = now}));
    return enqueue_notice(unit, ports_.ids,
                          {.which = NotificationTemplate::instance_broken,
                           .subject = instance.id.uuid(),
                           // What breaks again is told again.
                           .step = std::to_string(now.time_since_epoch().count()),
                           .to_operator = true,
                           .values = {{"instance_id", instance.id.to_string()},
                                      {"product", instance.product_name},
                                      {"provider_id", instance.provider_id},
                                      {"reason", reason}}},
                          now);
}

// The order shows what became of its server, where its own table allows that.
Result<> Reconciler::follow_with_order(UnitOfWork& unit, const Instance& instance, Timestamp now) {
    auto order = TRY(unit.orders().find_for_update(instance.order));
    auto status = order->status;
    if (instance.status == InstanceStatus::terminated) {
        status = OrderStatus::terminated;
        TRY(unit.orders().release_stock(order->id, now));
    } else if (instance.status == InstanceStatus::suspended) {
        status = OrderStatus::suspended;
    } else if (instance.status == InstanceStatus::running ||
               instance.status == InstanceStatus::stopped) {
        status = OrderStatus::active;
    }
    if (status == order->status || !allows(order_transitions, order->status, status)) return {};
    // An order is made active by its provisioning alone, which starts the billing clock with it.
    if (status == OrderStatus::active && order->status != OrderStatus::suspended) return {};
    order->status = status;
    order->updated_at = now;
    return unit.orders().save(*order);
}

Result<> Reconciler::note_failure(InstanceId id, const Error& error) {
    const auto now = ports_.clock.now();
    ports_.log.warn(reconciler_log_target, "an instance could not be brought to its desired state",
                    {{"instance_id", id.to_string()}, {"error", error.message}});
    return in_transaction(ports_.database, "reconcile_failed", [&](UnitOfWork& unit) -> Result<> {
        auto instance = TRY(unit.instances().find_for_update(id));
        if (!instance || instance->is_terminated()) return {};
        instance->next_check_at = now + instance_limits::unsettled_check_interval;
        instance->provider_message = error.message;
        instance->updated_at = now;
        return unit.instances().save(*instance);
    });
}

}  // namespace rb::core
