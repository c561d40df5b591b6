#include "core/instance/provisioning.hpp"

#include "core/billing/billing_period.hpp"
#include "core/instance/abandon_opening.hpp"
#include "core/instance/instance_service.hpp"
#include "core/instance/instance_store.hpp"
#include "core/instance/limits.hpp"
#include "core/notification/notice.hpp"
#include "core/order/order_closing.hpp"
#include "core/order/order_store.hpp"

namespace rb::core {
namespace {

constexpr std::string_view provisioning_log_target = "rustbill_server::provisioning";
// What customers read. The provider's own words are for operators: an upstream's "insufficient
// balance" is nobody's business (peers, the class of new-api#6306).
constexpr std::string_view customer_reason =
    "the server could not be opened; the full amount was given back";

Instance instance_for(const Order& order, InstanceId id, Timestamp now) {
    Instance instance{.id = id,
                      .order = order.id,
                      .customer = order.customer,
                      .product = order.product,
                      .product_name = order.product_name,
                      .provider_id = order.provider_id,
                      .name = instance_name(id),
                      .spec = order.spec,
                      .renewal_amount = order.total_amount};
    instance.cycle = order.billing_cycle;
    instance.auto_renew = order.billing_cycle != BillingCycle::one_time;
    instance.created_at = now;
    instance.updated_at = now;
    return instance;
}

void take_over(Instance& instance, const InstanceView& view, Timestamp now) {
    instance.provider_instance_id = view.provider_instance_id;
    instance.ip_address = view.ip_addresses.empty() ? "" : view.ip_addresses.front();
    instance.details = view.details;
    instance.pending_operation.clear();
    instance.pending_operation_key.clear();
    instance.updated_at = now;
}

}  // namespace

int ProvisionOrder::attempts_max() const {
    return instance_limits::opening_attempts_max;
}

std::chrono::seconds ProvisionOrder::backoff_max() const {
    return instance_limits::opening_backoff_max;
}

Result<EventProgress> ProvisionOrder::handle(const Event& event) {
    const OrderId order_id(event.subject);
    const auto begun = TRY(begin(order_id));
    if (!begun) return EventProgress::done();
    const auto* instance = &begun->instance;
    if (ports_.clock.now() - instance->created_at > instance_limits::opening_patience) {
        TRY(fail(order_id, "the opening took longer than its limit"));
        return EventProgress::done();
    }
    auto provider = TRY(ports_.plugins.find_provider(instance->provider_id));
    auto answer = ask(*provider, *instance, !begun->is_new);
    if (answer.has_error()) {
        if (!is_refusal(answer.error())) return std::move(answer).error();
        TRY(fail(order_id, answer.error().message));
        return EventProgress::done();
    }
    if (const auto* accepted = std::get_if<Accepted>(&*answer)) return wait(*instance, *accepted);

    const auto& view = std::get<InstanceView>(*answer);
    if (view.state == ProviderState::failed || view.state == ProviderState::gone) {
        TRY(fail(order_id, "the provider made a server that does not work"));
        return EventProgress::done();
    }
    if (view.state == ProviderState::opening) return wait(*instance, Accepted{});
    if (TRY(confirm(*instance, view)) == Confirmed::too_late) TRY(end(*provider, *instance, view));
    return EventProgress::done();
}

Result<std::optional<ProvisionOrder::Begun>> ProvisionOrder::begin(OrderId order_id) {
    const auto now = ports_.clock.now();
    return in_transaction(
        ports_.database, "provision_begin", [&](UnitOfWork& unit) -> Result<std::optional<Begun>> {
            auto order = TRY(unit.orders().find_for_update(order_id));
            const bool is_open = order && (order->status == OrderStatus::paid ||
                                           order->status == OrderStatus::provisioning);
            if (!is_open) return std::optional<Begun>();
            if (auto existing = TRY(unit.instances().find_by_order(order_id))) {
                return std::optional(Begun{.instance = std::move(*existing)});
            }

            auto instance = instance_for(*order, ports_.ids.next_id<InstanceId>(), now);
            order->status = OrderStatus::provisioning;
            order->updated_at = now;
            TRY(unit.orders().save(*order));
            TRY(unit.instances().insert(instance));
            return std::optional(Begun{.instance = std::move(instance), .is_new = true});
        });
}

Result<std::variant<InstanceView, Accepted>> ProvisionOrder::ask(Provider& provider,
                                                                 const Instance& instance,
                                                                 bool was_tried) {
    using Answer = std::variant<InstanceView, Accepted>;
    if (!instance.pending_operation.empty()) {
        auto polled = TRY(provider.poll(instance.ref(), instance.pending_operation));
        if (auto* view = std::get_if<InstanceView>(&polled)) return Answer(std::move(*view));
        if (auto* accepted = std::get_if<Accepted>(&polled)) return Answer(std::move(*accepted));
        // Done without a view: the probe below tells what there is now.
    }
    if (was_tried || !instance.pending_operation.empty()) {
        if (auto found = TRY(provider.probe(instance.opening_key())))
            return Answer(std::move(*found));
    }
    ports_.faults.reached("before-call:open");
    auto opened = provider.open({.key = instance.opening_key(),
                                 .instance = instance.id,
                                 .order = instance.order,
                                 .name = instance.name,
                                 .spec = instance.spec,
                                 .billing_cycle = instance.cycle});
    ports_.faults.reached("after-call:open");
    if (opened.has_error()) return std::move(opened).error();
    if (auto* view = std::get_if<InstanceView>(&*opened)) return Answer(std::move(*view));
    return Answer(std::get<Accepted>(std::move(*opened)));
}

Result<EventProgress> ProvisionOrder::wait(const Instance& instance, const Accepted& accepted) {
    if (accepted.operation != instance.pending_operation) {
        TRY(remember_operation(instance.id, accepted.operation));
    }
    return EventProgress::again(accepted.retry_after);
}

Result<> ProvisionOrder::remember_operation(InstanceId id, const std::string& operation) {
    return in_transaction(ports_.database, "provision_accepted", [&](UnitOfWork& unit) -> Result<> {
        auto instance = TRY(unit.instances().find_for_update(id));
        if (!instance) return internal_error("the instance of an opening is gone");
        if (instance->activated_at || instance->is_terminated()) return {};
        instance->pending_operation = operation;
        instance->updated_at = ports_.clock.now();
        return unit.instances().save(*instance);
    });
}

Result<ProvisionOrder::Confirmed> ProvisionOrder::confirm(const Instance& opened,
                                                          const InstanceView& view) {
    const auto now = ports_.clock.now();
    return in_transaction(
        ports_.database, "provision_confirm", [&](UnitOfWork& unit) -> Result<Confirmed> {
            auto order = TRY(unit.orders().find_for_update(opened.order));
            auto instance = TRY(unit.instances().find_for_update(opened.id));
            if (!order || !instance) return internal_error("the order of an opening is gone");
            if (instance->is_terminated()) return Confirmed::too_late;
            // Another worker held the event too (one of the two lost its lease) and was faster.
            if (instance->activated_at) return Confirmed::recorded;
            take_over(*instance, view, now);
            if (order->status != OrderStatus::provisioning) {
                // It was cancelled while the provider worked: what was made must go.
                instance->want(DesiredStatus::terminated, now);
                TRY(unit.instances().save(*instance));
                TRY(enqueue_reconcile(unit, ports_.ids, *instance, now));
                return Confirmed::recorded;
            }
            instance->status = status_of(view.state).value_or(InstanceStatus::error);
            instance->activated_at = now;
            if (instance->cycle != BillingCycle::one_time) {
                instance->paid_until = period_end_after(now, now, instance->cycle);
            }
            instance->next_check_at = now + instance_limits::settled_check_interval;
            if (!instance->is_settled()) {
                instance->next_check_at = now;
                TRY(enqueue_reconcile(unit, ports_.ids, *instance, now));
            }
            TRY(unit.instances().save(*instance));
            TRY(activate_order(unit, ports_.ids, *order, now));
            TRY(enqueue_notice(unit, ports_.ids,
                               {.which = NotificationTemplate::order_active,
                                .subject = order->id.uuid(),
                                .customer = order->customer,
                                .values = {{"order_id", order->id.to_string()},
                                           {"product", order->product_name},
                                           {"instance_id", instance->id.to_string()},
                                           {"ip_address", instance->ip_address}}},
                               now));
            return Confirmed::recorded;
        });
}

Result<> ProvisionOrder::end(Provider& provider, const Instance& instance,
                             const InstanceView& view) {
    auto ref = instance.ref();
    ref.provider_instance_id = view.provider_instance_id;
    const auto ended = provider.perform({.command = InstanceCommand::terminate,
                                         .instance = ref,
                                         .key = {instance.id.to_string() + "/too-late"},
                                         .arguments = {}});
    if (ended.has_value()) return {};
    ports_.log.error(provisioning_log_target, "the provider holds a server whose order has ended",
                     {{"instance_id", instance.id.to_string()},
                      {"provider_instance_id", view.provider_instance_id},
                      {"error", ended.error().message}});
    return ended.error();
}

Result<> ProvisionOrder::give_up(const Event& event, const Error& last) {
    return fail(OrderId(event.subject), last.message);
}

Result<> ProvisionOrder::keep_providers_words(UnitOfWork& unit, OrderId order,
                                              const std::string& why) {
    const auto seen = TRY(unit.instances().find_by_order(order));
    if (!seen) return {};
    auto instance = TRY(unit.instances().find_for_update(seen->id));
    if (!instance) return {};
    instance->provider_message = why;
    return unit.instances().save(*instance);
}

Result<> ProvisionOrder::fail(OrderId order_id, const std::string& why) {
    const auto now = ports_.clock.now();
    ports_.log.warn(provisioning_log_target, "an order could not be provisioned",
                    {{"order_id", order_id.to_string()}, {"reason", why}});
    return in_transaction(ports_.database, "provision_fail", [&](UnitOfWork& unit) -> Result<> {
        auto order = TRY(unit.orders().find_for_update(order_id));
        if (!order || order->status == OrderStatus::active) return {};
        TRY(keep_providers_words(unit, order_id, why));
        TRY(abandon_opening(unit, ports_.ids, order_id, std::string(customer_reason), now));
        const bool is_open =
            order->status == OrderStatus::paid || order->status == OrderStatus::provisioning;
        if (!is_open) return {};
        TRY(cancel_and_refund(unit, ports_.ids, *order, std::string(customer_reason), now));
        return enqueue_notice(unit, ports_.ids,
                              {.which = NotificationTemplate::order_failed,
                               .subject = order->id.uuid(),
                               .customer = order->customer,
                               .to_operator = true,
                               .values = {{"order_id", order->id.to_string()},
                                          {"product", order->product_name},
                                          {"reason", std::string(customer_reason)},
                                          {"amount", order->total_amount.to_string()}}},
                              now);
    });
}

}  // namespace rb::core
