#include "server/handlers/integration/integration_methods.hpp"

#include "plugin/script_capabilities.hpp"

#include "server/handlers/product/product_methods.hpp"
#include "server/handlers/wire_values.hpp"

#include <rustbill/integration.pb.h>

namespace rb::server {

namespace integration_wire = rustbill::integration;
using transport::CallContext;

namespace {

// Paying from one's own balance is no plugin, but a way to pay.
constexpr const char* balance_gateway_id = "balance";
constexpr const char* balance_gateway_name = "余额 Balance";

Result<integration_wire::ListProvidersResponse> list_providers(core::PluginDirectory& directory) {
    integration_wire::ListProvidersResponse response;
    for (const auto& provider : directory.providers()) {
        auto& info = *response.add_providers();
        info.set_provider_id(provider->id());
        info.set_provider_name(provider->name());
        info.set_provider_type(provider->type());
        info.set_is_sandbox(provider->is_sandbox());
        for (const auto capability : provider->capabilities()) {
            info.add_capabilities(std::string(plugin::word_of(capability)));
        }
        // A provider that cannot even describe its form is shown, but not as healthy: one broken
        // plugin must not hide the others.
        const auto form = provider->spec_template();
        info.set_is_healthy(!form.has_error() && directory.is_healthy(provider->id()));
        if (!form.has_error()) fill_spec_template(*form, *info.mutable_spec_template());
    }
    return response;
}

Result<integration_wire::ListGatewaysResponse> list_gateways(core::PluginDirectory& directory) {
    integration_wire::ListGatewaysResponse response;
    auto& balance = *response.add_gateways();
    balance.set_gateway_id(balance_gateway_id);
    balance.set_gateway_name(balance_gateway_name);
    balance.set_is_healthy(true);
    for (const auto& gateway : directory.gateways()) {
        auto& info = *response.add_gateways();
        info.set_gateway_id(gateway->id());
        info.set_gateway_name(gateway->name());
        info.set_is_healthy(directory.is_healthy(gateway->id()));
    }
    return response;
}

}  // namespace

void add_integration_methods(transport::MethodRegistry& registry,
                             core::PluginDirectory& directory) {
    registry.unary<integration_wire::ListProvidersRequest, integration_wire::ListProvidersResponse>(
        "/rustbill.integration.IntegrationService/ListProviders",
        [&](CallContext&, const auto&) { return list_providers(directory); });
    registry.unary<integration_wire::ListGatewaysRequest, integration_wire::ListGatewaysResponse>(
        "/rustbill.integration.IntegrationService/ListGateways",
        [&](CallContext&, const auto&) { return list_gateways(directory); });
}

}  // namespace rb::server
