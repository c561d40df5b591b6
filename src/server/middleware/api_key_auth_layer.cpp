#include "server/middleware/api_key_auth_layer.hpp"

#include "core/api_key/api_key.hpp"

namespace rb::server {

namespace {

std::string_view key_of(const transport::CallContext& call) {
    if (const auto field = call.metadata().find("x-api-key")) return *field;
    const auto token = bearer_token(call);
    return core::is_api_key_text(token) ? token : std::string_view();
}

}  // namespace

Result<transport::Response> ApiKeyAuthLayer::handle(transport::CallContext& call,
                                                    transport::Next next) {
    const auto key = call.is_rpc() ? key_of(call) : std::string_view();
    if (!key.empty()) {
        attach_outcome(call, authenticate_(key, client_info_of(call)), "api_key", log_);
    }
    return next(call);
}

}  // namespace rb::server
