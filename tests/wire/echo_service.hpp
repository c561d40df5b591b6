// The Echo service of echo.proto on our transport, for the wire tests.

#pragma once

#include "transport/http_routes.hpp"
#include "transport/method_registry.hpp"

#include <atomic>
#include <cstdint>

namespace rb::wiretest {

struct EchoCounters {
    // Calls whose handler saw that nobody waits any more.
    std::atomic<std::uint64_t> cancelled{0};
    std::atomic<std::uint64_t> running{0};
};

// `counters` must outlive the server.
void add_echo(transport::MethodRegistry& methods, EchoCounters& counters);
// GET /health and /ready, POST /callbacks/..., GET /bytes?n, GET /sleep?ms.
void add_routes(transport::HttpRoutes& routes, EchoCounters& counters);

}  // namespace rb::wiretest
