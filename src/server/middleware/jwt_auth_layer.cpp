#include "server/middleware/jwt_auth_layer.hpp"

#include "core/api_key/api_key.hpp"

namespace rb::server {

Result<transport::Response> JwtAuthLayer::handle(transport::CallContext& call,
                                                 transport::Next next) {
    const auto token = call.is_rpc() ? bearer_token(call) : std::string_view();
    if (!token.empty() && !core::is_api_key_text(token)) {
        attach_outcome(call, authenticate_(token, client_info_of(call)), "jwt", log_);
    }
    return next(call);
}

}  // namespace rb::server
