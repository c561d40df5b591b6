#include "core/rate_limit/token_buckets.hpp"

#include "base/assert.hpp"

#include <algorithm>

namespace rb::core {

namespace {

constexpr std::int64_t nano = 1'000'000'000;

}  // namespace

RateDecision TokenBuckets::take(std::string_view key, const RateRule& rule, Time now) {
    ASSERT(rule.per_second > 0);
    const std::int64_t capacity = rule.per_second * nano;

    const auto found = buckets_.find(key);
    if (found == buckets_.end()) {
        if (buckets_.size() >= max_) {
            buckets_.erase(order_.back().key);
            order_.pop_back();
        }
        order_.push_front({.key = std::string(key), .nano_tokens = capacity, .updated = now});
        buckets_.emplace(order_.front().key, order_.begin());
    } else {
        order_.splice(order_.begin(), order_, found->second);
    }

    auto& bucket = order_.front();
    // A second refills the whole bucket, so more of it need not be multiplied (and cannot
    // overflow).
    const auto elapsed = std::clamp<std::int64_t>((now - bucket.updated).count(), 0, nano);
    bucket.nano_tokens = std::min(capacity, bucket.nano_tokens + elapsed * rule.per_second);
    bucket.updated = std::max(bucket.updated, now);

    if (bucket.nano_tokens >= nano) {
        bucket.nano_tokens -= nano;
        return {.is_allowed = true};
    }
    const auto missing = nano - bucket.nano_tokens;
    const auto wait = (missing + rule.per_second - 1) / rule.per_second;
    return {.is_allowed = false,
            .retry_after = std::chrono::ceil<std::chrono::milliseconds>(Time(wait))};
}

}  // namespace rb::core
