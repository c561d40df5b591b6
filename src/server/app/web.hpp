// The one port: methods, routes and layers put together to a transport::Server.

#pragma once

#include "base/result.hpp"

#include "transport/server.hpp"
#include "transport/services/health_service.hpp"

#include "config/config.hpp"
#include "server/app/foundation.hpp"
#include "server/app/plugin_host.hpp"
#include "server/app/services.hpp"
#include "server/http/health_routes.hpp"
#include "server/middleware/access_table.hpp"
#include "telemetry/request_metrics.hpp"

#include <memory>
#include <vector>

namespace rb::server {

struct WebParts {
    const config::Config& config;
    Foundation& foundation;
    PluginHost& plugins;
    Services& services;
    Readiness& readiness;
    transport::HealthService& health;
    // Null when no metrics are exported.
    telemetry::RequestMetrics* requests = nullptr;
};

// In the order of the operations manual (1.3), outermost first: rate limit, CORS, session, JWT, API
// key, log context; around them the request's scope and, where they are
// exported, metrics; behind them the access rules. The concurrency
// limit is the transport's worker queue, /health and /admin are routes, gRPC-Web is the transport's
// framing. All parts must outlive the layers.
std::vector<std::unique_ptr<transport::Layer>> make_layers(const WebParts& parts,
                                                           AccessTable access);

// Not started yet. All parts must outlive the server.
// ERRORS: failed_precondition  a method has no handler or no rule (access_table.hpp)
//         invalid_argument     an option of the transport is out of range
Result<std::unique_ptr<transport::Server>> make_web_server(const WebParts& parts);

}  // namespace rb::server
