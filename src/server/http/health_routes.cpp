#include "server/http/health_routes.hpp"

namespace rb::server {

namespace {

transport::Response not_ready(const char* why) {
    return transport::http_text(503, std::string(why) + "\n");
}

}  // namespace

void add_health_routes(transport::HttpRoutes& routes, const Readiness& readiness,
                       DatabaseProbe probe) {
    routes.add(
        "GET", "/health",
        [](transport::CallContext&) -> Result<transport::Response> {
            return transport::Response{};
        },
        transport::Execution::io_thread);
    routes.add("GET", "/ready",
               [&readiness,
                probe = std::move(probe)](transport::CallContext&) -> Result<transport::Response> {
                   if (!readiness.is_ready()) return not_ready("starting or draining");
                   if (probe().has_error()) return not_ready("the database does not answer");
                   // A drain may have begun while the database was asked.
                   if (!readiness.is_ready()) return not_ready("starting or draining");
                   return transport::Response{};
               });
}

}  // namespace rb::server
