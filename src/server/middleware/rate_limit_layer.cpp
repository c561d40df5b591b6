#include "server/middleware/rate_limit_layer.hpp"

#include "server/middleware/client_address.hpp"

#include <array>
#include <chrono>
#include <optional>
#include <string>

namespace rb::server {

namespace {

struct LimitedMethod {
    std::string_view path;
    // Methods of one bucket share its tokens.
    std::string_view bucket;
    std::int64_t RateLimitLayer::Options::*per_second;
};

constexpr std::array<LimitedMethod, 11> limited_methods = {{
    {"/rustbill.identity.IdentityService/Login", "login", &RateLimitLayer::Options::login_per_sec},
    {"/rustbill.identity.IdentityService/RefreshToken", "refresh",
     &RateLimitLayer::Options::login_per_sec},
    {"/rustbill.identity.IdentityService/BeginPasskeySignIn", "passkey",
     &RateLimitLayer::Options::login_per_sec},
    // They try a password as a login does, and whoever is signed in could keep everybody else from
    // it: the server hashes so many at a time.
    {"/rustbill.identity.IdentityService/ChangePassword", "login",
     &RateLimitLayer::Options::login_per_sec},
    {"/rustbill.identity.IdentityService/BeginTotp", "login",
     &RateLimitLayer::Options::login_per_sec},
    {"/rustbill.identity.IdentityService/RemoveTotp", "login",
     &RateLimitLayer::Options::login_per_sec},
    {"/rustbill.identity.IdentityService/BeginPasskey", "login",
     &RateLimitLayer::Options::login_per_sec},
    {"/rustbill.identity.IdentityService/RemovePasskey", "login",
     &RateLimitLayer::Options::login_per_sec},
    {"/rustbill.identity.IdentityService/RenewRecoveryCodes", "login",
     &RateLimitLayer::Options::login_per_sec},
    {"/rustbill.identity.IdentityService/Register", "register",
     &RateLimitLayer::Options::register_per_sec},
    {"/rustbill.identity.IdentityService/SendVerificationCode", "code",
     &RateLimitLayer::Options::register_per_sec},
}};

const LimitedMethod* limit_of(const transport::CallContext& call) {
    if (!call.is_rpc()) return nullptr;
    for (const auto& method : limited_methods) {
        if (method.path == call.path()) return &method;
    }
    return nullptr;
}

}  // namespace

RateLimitLayer::RateLimitLayer(Options options, core::RateLimiter& limiter,
                               transport::CorsPolicy cors, core::Log& log)
    : options_(options), limiter_(limiter), cors_(std::move(cors)), log_(log) {}

Result<transport::Response> RateLimitLayer::handle(transport::CallContext& call,
                                                   transport::Next next) {
    const auto* limited = limit_of(call);
    if (limited == nullptr) return next(call);

    const auto* address = call.attributes().find<ClientAddress>();
    const auto client = rate_key_of(address != nullptr ? *address : ClientAddress{});
    const auto decision =
        limiter_.take(std::string(limited->bucket) + ":" + client,
                      core::RateRule{.per_second = options_.*(limited->per_second)});
    if (decision.is_allowed) return next(call);

    cors_.open_answer(call);
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(decision.retry_after).count();
    call.response_headers().add("retry-after", std::to_string(seconds));
    log_.debug("rustbill_server::rate_limit", "call refused",
               {{"bucket", limited->bucket}, {"client", client}});
    return Error{ErrorCode::too_many_requests, "too many requests; try again in a moment"};
}

}  // namespace rb::server
