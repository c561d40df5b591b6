#include "coordination/redis_rate_limiter.hpp"

namespace rb::coordination {

namespace {

// In millionths of a token and microseconds. At rate r the bucket gains r millionths in a
// microsecond and holds a second's worth, r million. Answers 0, or the milliseconds until the next
// token.
constexpr char take_script[] = R"(
local rate = tonumber(ARGV[1])
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local state = redis.call('HMGET', KEYS[1], 'tokens', 'updated')
local tokens = tonumber(state[1]) or rate * 1000000
local updated = tonumber(state[2]) or now
local elapsed = math.min(math.max(now - updated, 0), 1000000)
tokens = math.min(rate * 1000000, tokens + elapsed * rate)
local wait = 0
if tokens >= 1000000 then
    tokens = tokens - 1000000
else
    wait = math.ceil((1000000 - tokens) / rate / 1000)
end
redis.call('HSET', KEYS[1], 'tokens', string.format('%.0f', tokens), 'updated', string.format('%.0f', now))
redis.call('PEXPIRE', KEYS[1], 2000)
return wait
)";

}  // namespace

core::RateDecision RedisRateLimiter::take(std::string_view key, const core::RateRule& rule) {
    const auto reply = redis_.run(
        {"EVAL", take_script, "1", redis_.key("rate", key), std::to_string(rule.per_second)});
    if (reply.has_error() || !reply->integer) return alone_.take(key, rule);
    return {.is_allowed = *reply->integer == 0,
            .retry_after = std::chrono::milliseconds(*reply->integer)};
}

}  // namespace rb::coordination
