// Token buckets by key, counted in this process. Pure and not thread-safe: its owner locks.
//
// Time is given by the caller and should be steady; when it runs backwards nothing is refilled.
// Memory is bounded: when buckets_max are in use, the one that was touched longest ago makes room.
// A bucket forgotten so has refilled by then, unless more keys than that call within a second.

#pragma once

#include "core/rate_limit/rate_limiter.hpp"

#include <cstddef>
#include <list>
#include <string>
#include <unordered_map>

namespace rb::core {

namespace limits {
// A few megabytes; more attackers than that at once are a firewall's work.
constexpr std::size_t buckets_max = 50'000;
}  // namespace limits

class TokenBuckets {
public:
    using Time = std::chrono::nanoseconds;

    explicit TokenBuckets(std::size_t max = limits::buckets_max) : max_(max) {}

    // `now`: time since any fixed moment.
    RateDecision take(std::string_view key, const RateRule& rule, Time now);

    [[nodiscard]] std::size_t size() const { return buckets_.size(); }

private:
    struct Bucket {
        std::string key;
        // In billionths of a token: integers neither lose nor gain.
        std::int64_t nano_tokens;
        Time updated;
    };
    using Order = std::list<Bucket>;

    const std::size_t max_;
    Order order_;  // most recently touched in front
    std::unordered_map<std::string_view, Order::iterator> buckets_;  // keys live in order_
};

}  // namespace rb::core
