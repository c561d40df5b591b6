#include "server/middleware/request_scope_layer.hpp"

#include "log/log_context.hpp"
#include "server/middleware/client_address.hpp"

namespace rb::server {

Result<transport::Response> RequestScopeLayer::handle(transport::CallContext& call,
                                                      transport::Next next) {
    call.attributes().set(client_address(call.peer(), call.metadata(), trusted_proxies_));
    const log::LogContextScope scope(
        {.name = "request", .request_id = call.request_id(), .caller = {}});
    return next(call);
}

}  // namespace rb::server
