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

#include <memory>

namespace rb::server {

struct WebParts {
    const config::Config& config;
    Foundation& foundation;
    PluginHost& plugins;
    Services& services;
    Readiness& readiness;
    transport::HealthService& health;
};

// Not started yet. All parts must outlive the server.
// ERRORS: failed_precondition  a method has no handler or no rule (access_table.hpp)
//         invalid_argument     an option of the transport is out of range
Result<std::unique_ptr<transport::Server>> make_web_server(const WebParts& parts);

}  // namespace rb::server
