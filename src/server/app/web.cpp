#include "server/app/web.hpp"

#include "transport/cors_layer.hpp"
#include "transport/services/reflection_service.hpp"

#include "server/handlers/balance/balance_methods.hpp"
#include "server/handlers/billing/billing_methods.hpp"
#include "server/handlers/callback/callback_routes.hpp"
#include "server/handlers/customer/customer_methods.hpp"
#include "server/handlers/downstream/api_key_methods.hpp"
#include "server/handlers/event/event_methods.hpp"
#include "server/handlers/identity/identity_methods.hpp"
#include "server/handlers/instance/instance_methods.hpp"
#include "server/handlers/integration/integration_methods.hpp"
#include "server/handlers/order/order_methods.hpp"
#include "server/handlers/payment/payment_methods.hpp"
#include "server/handlers/product/product_methods.hpp"
#include "server/handlers/ticket/ticket_methods.hpp"
#include "server/handlers/upstream/upstream_methods.hpp"
#include "server/http/admin_ui.hpp"
#include "server/middleware/access_layer.hpp"
#include "server/middleware/api_key_auth_layer.hpp"
#include "server/middleware/client_address.hpp"
#include "server/middleware/jwt_auth_layer.hpp"
#include "server/middleware/log_context_layer.hpp"
#include "server/middleware/metrics_layer.hpp"
#include "server/middleware/rate_limit_layer.hpp"
#include "server/middleware/request_scope_layer.hpp"
#include "server/middleware/session_auth_layer.hpp"
#include "server/version.hpp"

namespace rb::server {

namespace {

transport::MethodRegistry make_methods(const WebParts& parts) {
    transport::MethodRegistry methods;
    auto& services = parts.services;
    add_identity_methods(methods, services.sign_in, services.registration, parts.foundation.log);
    add_second_factor_methods(methods, services.second_factors);
    add_product_methods(methods, services.products);
    add_product_group_methods(methods, services.groups);
    add_product_category_methods(methods, services.categories);
    add_upstream_methods(methods, services.upstreams);
    add_order_methods(methods, services.orders, parts.foundation.log);
    add_billing_methods(methods, services.invoices, services.balances);
    add_payment_methods(methods, services.payments);
    add_instance_methods(methods, services.instances);
    add_balance_methods(methods, services.balances, services.payments);
    add_ticket_methods(methods, services.tickets);
    add_integration_methods(methods, parts.plugins.directory);
    add_plugin_methods(methods, parts.plugins.service);
    add_event_methods(methods, services.events);
    add_api_key_methods(methods, services.api_keys);
    add_customer_methods(methods, services.customers);
    parts.health.add_to(methods);
    transport::add_reflection(methods);
    return methods;
}

Result<> probe_database(store_pg::Pool& pool) {
    const auto connection = TRY(pool.acquire());
    return connection->run_script("SELECT 1");
}

transport::HttpRoutes make_routes(const WebParts& parts) {
    transport::HttpRoutes routes;
    auto& pool = *parts.foundation.pool;
    add_health_routes(routes, parts.readiness, [&pool] { return probe_database(pool); });
    add_admin_ui(routes, admin_files(), version);
    add_callback_routes(routes, parts.services.payments, parts.foundation.log);
    return routes;
}

}  // namespace

std::vector<std::unique_ptr<transport::Layer>> make_layers(const WebParts& parts,
                                                           AccessTable access) {
    const auto& config = parts.config;
    auto& log = parts.foundation.log;
    auto& authenticator = parts.services.authenticator;
    std::vector<std::unique_ptr<transport::Layer>> layers;
    const auto add = [&](auto layer) { layers.push_back(std::move(layer)); };

    if (parts.requests != nullptr) add(std::make_unique<MetricsLayer>(*parts.requests));
    add(std::make_unique<RequestScopeLayer>(trusted_networks(config.server.trusted_proxies)));
    const transport::CorsPolicy cors({.allowed_origins = config.cors.allowed_origins});
    if (config.rate_limit.enabled) {
        add(std::make_unique<RateLimitLayer>(
            RateLimitLayer::Options{.login_per_sec = config.rate_limit.login_per_sec,
                                    .register_per_sec = config.rate_limit.register_per_sec},
            *parts.foundation.rate_limiter, cors, log));
    }
    add(std::make_unique<transport::CorsLayer>(cors));
    add(std::make_unique<SessionAuthLayer>(
        SessionAuthLayer::Options{.cookie_name = config.session.cookie_name,
                                  .allowed_origins = config.cors.allowed_origins},
        [&](std::string_view token, const core::ClientInfo& client) {
            return authenticator.by_session(token, client);
        },
        log));
    add(std::make_unique<JwtAuthLayer>(
        [&](std::string_view token, const core::ClientInfo& client) {
            return authenticator.by_access_token(token, client);
        },
        log));
    add(std::make_unique<ApiKeyAuthLayer>(
        [&](std::string_view key, const core::ClientInfo& client) {
            return authenticator.by_api_key(key, client);
        },
        log));
    add(std::make_unique<LogContextLayer>(log));
    add(std::make_unique<AccessLayer>(std::move(access)));
    return layers;
}

Result<std::unique_ptr<transport::Server>> make_web_server(const WebParts& parts) {
    auto methods = make_methods(parts);
    auto access = TRY(AccessTable::create(service_files(), methods));
    const auto& server = parts.config.server;
    const transport::ServerOptions options{
        .host = server.host,
        .port = static_cast<std::uint16_t>(server.port),
        .io_threads = static_cast<std::size_t>(server.io_threads),
        .max_concurrency = static_cast<std::size_t>(server.max_concurrency)};
    return transport::Server::create(options, std::move(methods), make_routes(parts),
                                     make_layers(parts, std::move(access)));
}

}  // namespace rb::server
