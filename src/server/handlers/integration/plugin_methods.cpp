#include "server/handlers/caller.hpp"
#include "server/handlers/integration/integration_methods.hpp"
#include "server/handlers/wire_values.hpp"

#include <rustbill/integration.pb.h>

namespace rb::server {

namespace integration_wire = rustbill::integration;
using transport::CallContext;

namespace {

void fill(const plugin::PluginView& view, integration_wire::PluginInfo& info) {
    const auto& definition = view.definition;
    info.set_plugin_id(definition.plugin_id);
    info.set_plugin_type(std::string(core::name_of(definition.type)));
    info.set_name(definition.name);
    info.set_description(definition.description);
    info.set_version(definition.version);
    for (const auto& capability : view.capabilities) info.add_capabilities(capability);
    for (const auto& grant : view.grants) info.add_grants(grant);
    info.set_config_schema(definition.config_schema);
    info.set_updated_at(time_text(definition.updated_at));
    info.set_load_error(definition.load_error);
}

void fill(const core::PluginInterface& interface, integration_wire::PluginInterfaceInfo& info) {
    info.set_id(interface.id);
    info.set_plugin_id(interface.plugin_id);
    info.set_plugin_type(std::string(core::name_of(interface.type)));
    info.set_name(interface.name);
    info.set_enabled(interface.enabled);
    info.set_config(interface.config);
    info.set_config_schema(interface.config_schema);
    info.set_script_source(interface.script_source);
    info.set_is_healthy(interface.is_healthy);
    info.set_health_message(interface.health_message);
    info.set_health_checked_at(time_text(interface.health_checked_at));
    info.set_created_at(time_text(interface.created_at));
    info.set_updated_at(time_text(interface.updated_at));
}

Result<integration_wire::ListPluginInterfacesResponse> list_interfaces(
    plugin::PluginService& plugins, const integration_wire::ListPluginInterfacesRequest& request) {
    const auto page = TRY(page_of(request.pagination()));
    const core::InterfaceFilter filter{
        .type = TRY(parse_optional_enum<core::PluginType>(request.plugin_type(), "plugin_type"))};
    const auto found = TRY(plugins.list_interfaces(filter, page.page, page.page_size));
    integration_wire::ListPluginInterfacesResponse response;
    for (const auto& interface : found.interfaces) fill(interface, *response.add_interfaces());
    fill_meta(found.total, page, *response.mutable_meta());
    return response;
}

Result<integration_wire::UpdatePluginInterfaceResponse> update(
    plugin::PluginService& plugins, const core::Actor& actor,
    const integration_wire::UpdatePluginInterfaceRequest& request) {
    const plugin::InterfaceEdit edit{
        .name = when(request.has_name(), request.name()),
        .config = when(request.has_config(), request.config()),
        .enabled = when(request.has_enabled(), request.enabled()),
        .script_source = when(request.has_script_source(), request.script_source())};
    integration_wire::UpdatePluginInterfaceResponse response;
    fill(TRY(plugins.update_interface(actor, request.id(), edit)), *response.mutable_interface());
    return response;
}

void add_reads(transport::MethodRegistry& registry, plugin::PluginService& plugins) {
    registry.unary<integration_wire::ListPluginsRequest, integration_wire::ListPluginsResponse>(
        "/rustbill.integration.PluginService/ListPlugins",
        [&](CallContext&, const auto&) -> Result<integration_wire::ListPluginsResponse> {
            integration_wire::ListPluginsResponse response;
            for (const auto& view : TRY(plugins.list_plugins()))
                fill(view, *response.add_plugins());
            return response;
        });
    registry.unary<integration_wire::ListPluginInterfacesRequest,
                   integration_wire::ListPluginInterfacesResponse>(
        "/rustbill.integration.PluginService/ListPluginInterfaces",
        [&](CallContext&, const auto& request) { return list_interfaces(plugins, request); });
    registry.unary<integration_wire::GetPluginInterfaceRequest,
                   integration_wire::GetPluginInterfaceResponse>(
        "/rustbill.integration.PluginService/GetPluginInterface",
        [&](CallContext&,
            const auto& request) -> Result<integration_wire::GetPluginInterfaceResponse> {
            integration_wire::GetPluginInterfaceResponse response;
            fill(TRY(plugins.get_interface(request.id())), *response.mutable_interface());
            return response;
        });
    registry.unary<integration_wire::CheckPluginHealthRequest,
                   integration_wire::CheckPluginHealthResponse>(
        "/rustbill.integration.PluginService/CheckPluginHealth",
        [&](CallContext&,
            const auto& request) -> Result<integration_wire::CheckPluginHealthResponse> {
            const auto health = TRY(plugins.check_health(request.id()));
            integration_wire::CheckPluginHealthResponse response;
            response.set_is_healthy(health.is_healthy);
            response.set_message(health.message);
            return response;
        });
}

}  // namespace

void add_plugin_methods(transport::MethodRegistry& registry, plugin::PluginService& plugins) {
    add_reads(registry, plugins);
    registry.unary<integration_wire::CreatePluginInterfaceRequest,
                   integration_wire::CreatePluginInterfaceResponse>(
        "/rustbill.integration.PluginService/CreatePluginInterface",
        [&](CallContext& call,
            const auto& request) -> Result<integration_wire::CreatePluginInterfaceResponse> {
            const plugin::NewInterface interface {
                .plugin_id = request.plugin_id(), .id = request.id(), .name = request.name(),
                .config = request.config(), .enabled = request.enabled()
            };
            integration_wire::CreatePluginInterfaceResponse response;
            fill(TRY(plugins.create_interface(actor_of(call), interface)),
                 *response.mutable_interface());
            return response;
        });
    registry.unary<integration_wire::UpdatePluginInterfaceRequest,
                   integration_wire::UpdatePluginInterfaceResponse>(
        "/rustbill.integration.PluginService/UpdatePluginInterface",
        [&](CallContext& call, const auto& request) {
            return update(plugins, actor_of(call), request);
        });
    registry.unary<integration_wire::DeletePluginInterfaceRequest,
                   integration_wire::DeletePluginInterfaceResponse>(
        "/rustbill.integration.PluginService/DeletePluginInterface",
        [&](CallContext& call,
            const auto& request) -> Result<integration_wire::DeletePluginInterfaceResponse> {
            TRY(plugins.delete_interface(actor_of(call), request.id()));
            return integration_wire::DeletePluginInterfaceResponse();
        });
}

}  // namespace rb::server
