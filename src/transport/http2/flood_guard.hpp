// FloodGuard: frames that cost us work and the peer nothing, counted per second and kind.
//
// A token bucket each: limits.hpp names the rates, and the burst is one second's worth. The first
// frame past a bucket ends the connection with ENHANCE_YOUR_CALM.

#pragma once

#include "transport/call_context.hpp"
#include "transport/limits.hpp"

namespace rb::transport::http2 {

class TokenBucket {
public:
    explicit TokenBucket(double per_second) : per_second_(per_second), tokens_(per_second) {}
    // False when the rate is exceeded.
    bool take(TimePoint now);

private:
    double per_second_;
    double tokens_;
    TimePoint last_{};
};

struct FloodGuard {
    // RST_STREAM received, and those the peer made us send by breaking the protocol on a stream:
    // both open and drop work for the price of a frame (CVE-2023-44487, CVE-2025-8671).
    TokenBucket resets{limits::resets_per_second_max};
    TokenBucket pings{limits::pings_per_second_max};
    TokenBucket settings{limits::settings_per_second_max};
    TokenBucket empty_data{limits::empty_data_per_second_max};
    TokenBucket priorities{limits::priorities_per_second_max};
    TokenBucket window_updates{limits::window_updates_per_second_max};
};

}  // namespace rb::transport::http2
