#include "coordination/memory_rate_limiter.hpp"

#include <chrono>

namespace rb::coordination {

core::RateDecision MemoryRateLimiter::take(std::string_view key, const core::RateRule& rule) {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    const std::lock_guard lock(mutex_);
    return buckets_.take(key, rule, now);
}

}  // namespace rb::coordination
