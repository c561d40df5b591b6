#include "server/handlers/instance/instance_methods.hpp"

#include "core/catalogue/catalogue.hpp"

#include "server/handlers/caller.hpp"
#include "server/handlers/wire_values.hpp"

#include <rustbill/instance.pb.h>

#include <array>

namespace rb::server {

namespace instance_wire = rustbill::instance;
using core::LifecycleCommand;
using transport::CallContext;

namespace {

void fill(const core::Actor& actor, const core::Instance& instance,
          instance_wire::InstanceInfo& info) {
    info.set_id(instance.id.to_string());
    info.set_order_id(instance.order.to_string());
    info.set_customer_id(instance.customer.to_string());
    info.set_product_id(instance.product.to_string());
    info.set_provider_id(instance.provider_id);
    info.set_provider_instance_id(instance.provider_instance_id);
    info.set_status(std::string(core::name_of(instance.status)));
    info.set_ip_address(instance.ip_address);
    info.mutable_server_spec()->insert(instance.spec.begin(), instance.spec.end());
    info.set_product_name(instance.product_name);
    info.set_created_at(time_text(instance.created_at));
    info.set_updated_at(time_text(instance.updated_at));
    info.set_desired_status(std::string(core::name_of(instance.desired)));
    info.set_status_reason(instance.status_reason);
    info.set_paid_until(time_text(instance.paid_until));
    if (actor.is_staff()) {
        info.set_provider_message(instance.provider_message);
    } else {
        info.mutable_server_spec()->erase(std::string(core::upstream_product_id_spec));
    }
}

void fill(const core::InstanceDescription& description,
          instance_wire::GetInstanceResponse& response) {
    for (const auto& section : description.sections) {
        auto& info = *response.add_sections();
        info.set_title(section.title);
        info.set_content_html(section.content_html);
        for (const auto& field : section.fields) {
            auto& field_info = *info.add_fields();
            field_info.set_key(field.key);
            field_info.set_value(field.value);
            field_info.set_value_type(field.value_type);
        }
    }
    for (const auto& action : description.actions) {
        auto& info = *response.add_actions();
        info.set_id(action.id);
        info.set_label(action.label);
        info.set_style(action.style);
        info.set_confirmation(action.confirmation);
        info.set_enabled(action.enabled);
    }
}

Result<instance_wire::ListInstancesResponse> list(
    core::InstanceService& instances, const CallContext& call,
    const instance_wire::ListInstancesRequest& request) {
    const auto page = TRY(page_of(request.pagination()));
    core::InstanceFilter filter{
        .customer = TRY(parse_optional_id<core::CustomerId>(request.customer_id(), "customer_id")),
        .status = TRY(parse_optional_enum<core::InstanceStatus>(request.status(), "status")),
        .provider_id = optional_text(request.provider_id())};
    const auto actor = actor_of(call);
    const auto found = TRY(instances.list(actor, std::move(filter), page));
    instance_wire::ListInstancesResponse response;
    for (const auto& instance : found.items) fill(actor, instance, *response.add_instances());
    fill_meta(found.total, page, *response.mutable_meta());
    return response;
}

Result<instance_wire::ListOrphanServersResponse> list_orphans(
    core::InstanceService& instances, const CallContext& call,
    const instance_wire::ListOrphanServersRequest& request) {
    const auto page = TRY(page_of(request.pagination()));
    const auto found = TRY(instances.list_orphans(actor_of(call), page));
    instance_wire::ListOrphanServersResponse response;
    for (const auto& orphan : found.items) {
        auto& info = *response.add_servers();
        info.set_provider_id(orphan.provider_id);
        info.set_provider_instance_id(orphan.provider_instance_id);
        info.set_state(std::string(core::name_of(orphan.state)));
        info.set_ip_address(orphan.ip_address);
        info.set_opened_for_instance_id(id_text(orphan.opened_for));
        info.set_first_seen_at(time_text(orphan.first_seen_at));
        info.set_last_seen_at(time_text(orphan.last_seen_at));
    }
    fill_meta(found.total, page, *response.mutable_meta());
    return response;
}

Result<instance_wire::RunInstanceActionResponse> run_action(
    core::InstanceService& instances, const CallContext& call,
    const instance_wire::RunInstanceActionRequest& request) {
    const auto actor = actor_of(call);
    const auto id = TRY(core::InstanceId::parse(request.id(), "id"));
    instance_wire::RunInstanceActionResponse response;
    response.set_message(
        TRY(instances.run_action(actor, id, request.action_id(), text_map(request.arguments()))));
    fill(actor, TRY(instances.get(actor, id)).instance, *response.mutable_instance());
    return response;
}

// The commands that carry nothing but the instance's id.
struct PlainCommand {
    std::string_view path;
    LifecycleCommand command;
};
constexpr std::array<PlainCommand, 5> plain_commands = {{
    {"/rustbill.instance.InstanceService/StartInstance", LifecycleCommand::start},
    {"/rustbill.instance.InstanceService/StopInstance", LifecycleCommand::stop},
    {"/rustbill.instance.InstanceService/RestartInstance", LifecycleCommand::restart},
    {"/rustbill.instance.InstanceService/TerminateInstance", LifecycleCommand::terminate},
    {"/rustbill.instance.InstanceService/UnsuspendInstance", LifecycleCommand::unsuspend},
}};

Result<instance_wire::InstanceCommandResponse> run_command(core::InstanceService& instances,
                                                           const CallContext& call,
                                                           const std::string& id,
                                                           LifecycleCommand command,
                                                           const std::string& reason) {
    const auto instance = TRY(core::InstanceId::parse(id, "id"));
    instance_wire::InstanceCommandResponse response;
    const auto actor = actor_of(call);
    fill(actor, TRY(instances.command(actor, instance, command, reason)),
         *response.mutable_instance());
    return response;
}

}  // namespace

void add_instance_methods(transport::MethodRegistry& registry, core::InstanceService& instances) {
    registry.unary<instance_wire::ListInstancesRequest, instance_wire::ListInstancesResponse>(
        "/rustbill.instance.InstanceService/ListInstances",
        [&](CallContext& call, const auto& request) { return list(instances, call, request); });
    registry.unary<instance_wire::GetInstanceRequest, instance_wire::GetInstanceResponse>(
        "/rustbill.instance.InstanceService/GetInstance",
        [&](CallContext& call, const auto& request) -> Result<instance_wire::GetInstanceResponse> {
            const auto id = TRY(core::InstanceId::parse(request.id(), "id"));
            const auto details = TRY(instances.get(actor_of(call), id));
            instance_wire::GetInstanceResponse response;
            fill(actor_of(call), details.instance, *response.mutable_instance());
            fill(details.description, response);
            return response;
        });
    for (const auto& plain : plain_commands) {
        registry
            .unary<instance_wire::InstanceCommandRequest, instance_wire::InstanceCommandResponse>(
                plain.path, [&, command = plain.command](CallContext& call, const auto& request) {
                    return run_command(instances, call, request.id(), command, {});
                });
    }
    registry.unary<instance_wire::SuspendInstanceRequest, instance_wire::InstanceCommandResponse>(
        "/rustbill.instance.InstanceService/SuspendInstance",
        [&](CallContext& call, const auto& request) {
            return run_command(instances, call, request.id(), LifecycleCommand::suspend,
                               request.reason());
        });
    registry
        .unary<instance_wire::ListOrphanServersRequest, instance_wire::ListOrphanServersResponse>(
            "/rustbill.instance.InstanceService/ListOrphanServers",
            [&](CallContext& call, const auto& request) {
                return list_orphans(instances, call, request);
            });
    registry
        .unary<instance_wire::RunInstanceActionRequest, instance_wire::RunInstanceActionResponse>(
            "/rustbill.instance.InstanceService/RunInstanceAction",
            [&](CallContext& call, const auto& request) {
                return run_action(instances, call, request);
            });
}

}  // namespace rb::server
