#include "transport/cors_policy.hpp"

#include <algorithm>

namespace rb::transport {
namespace {

// What a page may read: what gRPC-Web and Connect clients need, and what names a call in a report.
constexpr std::string_view exposed_headers =
    "grpc-status, grpc-message, grpc-status-details-bin, grpc-encoding, rb-reason, x-request-id, "
    "retry-after";
constexpr std::string_view allowed_methods = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";

}  // namespace

CorsPolicy::CorsPolicy(CorsOptions options) : options_(std::move(options)) {
    const auto& origins = options_.allowed_origins;
    any_origin_ =
        origins.empty() || std::find(origins.begin(), origins.end(), "*") != origins.end();
}

bool CorsPolicy::allows(std::string_view origin) const {
    const auto& origins = options_.allowed_origins;
    return any_origin_ || std::find(origins.begin(), origins.end(), origin) != origins.end();
}

bool CorsPolicy::admit(CallContext& call, std::string_view origin) const {
    auto& headers = call.response_headers();
    const bool allowed = allows(origin);
    if (allowed) {
        headers.add("access-control-allow-origin", any_origin_ ? "*" : origin);
        if (!any_origin_) headers.add("access-control-allow-credentials", "true");
    }
    // The answer depends on who asks, so a shared cache must not hand it to another origin.
    if (!any_origin_) headers.add("vary", "origin");
    return allowed;
}

void CorsPolicy::open_answer(CallContext& call) const {
    const auto origin = call.metadata().find("origin");
    if (!origin || !admit(call, *origin)) return;
    call.response_headers().add("access-control-expose-headers", exposed_headers);
}

bool CorsPolicy::is_preflight(const CallContext& call) {
    return call.http_method() == "OPTIONS" && call.metadata().find("origin") &&
           call.metadata().find("access-control-request-method");
}

Response CorsPolicy::answer_preflight(CallContext& call) const {
    if (admit(call, *call.metadata().find("origin"))) {
        auto& headers = call.response_headers();
        headers.add("access-control-allow-methods", allowed_methods);
        // Named rather than "*", which does not cover Authorization.
        if (const auto wanted = call.metadata().find("access-control-request-headers")) {
            headers.add("access-control-allow-headers", *wanted);
        }
        headers.add("access-control-max-age", std::to_string(options_.max_age_secs));
    }
    return Response{.http_status = 204};
}

}  // namespace rb::transport
