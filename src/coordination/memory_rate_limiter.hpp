// core::RateLimiter in this process's memory: what a server without Redis counts by.

#pragma once

#include "core/rate_limit/token_buckets.hpp"

#include <mutex>

namespace rb::coordination {

class MemoryRateLimiter final : public core::RateLimiter {
public:
    // Thread-safe. Measures by the steady clock.
    core::RateDecision take(std::string_view key, const core::RateRule& rule) override;

private:
    std::mutex mutex_;
    core::TokenBuckets buckets_;  // guarded by mutex_
};

}  // namespace rb::coordination
