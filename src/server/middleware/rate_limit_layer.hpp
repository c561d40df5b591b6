// RateLimitLayer: [rate_limit], per second and client (operations manual 2.6).
//
// Login and ChangePassword count together against login_per_sec, RefreshToken by itself; Register
// and SendVerificationCode each against register_per_sec. What is over the limit answers
// RESOURCE_EXHAUSTED with retry-after, in whole seconds.

#pragma once

#include "core/ports/log.hpp"
#include "core/rate_limit/rate_limiter.hpp"

#include "transport/cors_policy.hpp"
#include "transport/layer.hpp"

#include <cstdint>

namespace rb::server {

class RateLimitLayer final : public transport::Layer {
public:
    struct Options {
        std::int64_t login_per_sec = 5;
        std::int64_t register_per_sec = 1;
    };
    // `limiter` and `log` must outlive the layer. The layer stands before the CORS layer (manual
    // 1.3), so it applies `cors` to what it refuses by itself: a page must be able to read that.
    RateLimitLayer(Options options, core::RateLimiter& limiter, transport::CorsPolicy cors,
                   core::Log& log);
    Result<transport::Response> handle(transport::CallContext& call, transport::Next next) override;

private:
    const Options options_;
    core::RateLimiter& limiter_;
    const transport::CorsPolicy cors_;
    core::Log& log_;
};

}  // namespace rb::server
