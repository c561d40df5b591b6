// Rate limits (operations manual 2.6 and 9.10): a token bucket per key. A bucket holds one second's
// worth of calls and refills evenly.

#pragma once

#include "core/ports/clock.hpp"

#include <chrono>
#include <cstdint>
#include <string_view>

namespace rb::core {

struct RateRule {
    // REQUIRES: > 0
    std::int64_t per_second = 1;
};

struct RateDecision {
    bool is_allowed = true;
    // When a call would be let through again; zero when this one was.
    std::chrono::milliseconds retry_after{0};
};

class RateLimiter {
public:
    virtual ~RateLimiter() = default;
    // Takes one token of `key` ("login:203.0.113.7"). Thread-safe; never fails: what cannot ask the
    // others counts alone.
    virtual RateDecision take(std::string_view key, const RateRule& rule) = 0;
};

}  // namespace rb::core
