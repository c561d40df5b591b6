// core::RateLimiter counted together by all servers, in Redis; alone, in memory, while it is away.
//
// A bucket is a hash {tokens, updated} that one script reads and writes atomically by Redis' own
// clock, so servers whose clocks differ count alike. It expires once it would be full.

#pragma once

#include "coordination/memory_rate_limiter.hpp"
#include "coordination/redis_client.hpp"

namespace rb::coordination {

class RedisRateLimiter final : public core::RateLimiter {
public:
    // `redis` must outlive it.
    explicit RedisRateLimiter(RedisClient& redis) : redis_(redis) {}

    core::RateDecision take(std::string_view key, const core::RateRule& rule) override;

private:
    RedisClient& redis_;
    MemoryRateLimiter alone_;
};

}  // namespace rb::coordination
