#include "server/middleware/session_auth_layer.hpp"

#include "core/identity/origin_check.hpp"

namespace rb::server {

Result<transport::Response> SessionAuthLayer::handle(transport::CallContext& call,
                                                     transport::Next next) {
    // Plain HTTP (callbacks, pages) knows no callers.
    const auto token =
        call.is_rpc() ? call.metadata().find_cookie(options_.cookie_name) : std::nullopt;
    if (token && !token->empty()) {
        attach_outcome(call, actor_of(call, *token), "session", log_);
    }
    return next(call);
}

Result<core::Actor> SessionAuthLayer::actor_of(const transport::CallContext& call,
                                               std::string_view token) {
    TRY(core::check_request_origin(request_origin_of(call), options_.allowed_origins));
    return authenticate_(token, client_info_of(call));
}

}  // namespace rb::server
