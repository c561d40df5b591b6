#include "core/rate_limit/token_buckets.hpp"

#include <gtest/gtest.h>

namespace rb::core {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(TokenBuckets, let_a_seconds_worth_through_at_once_and_then_the_rate) {
    TokenBuckets buckets;
    const RateRule five{.per_second = 5};
    for (int i = 0; i < 5; ++i) EXPECT_TRUE(buckets.take("a", five, seconds(10)).is_allowed);
    const auto refused = buckets.take("a", five, seconds(10));
    EXPECT_FALSE(refused.is_allowed);
    EXPECT_EQ(refused.retry_after, milliseconds(200));

    EXPECT_FALSE(buckets.take("a", five, seconds(10) + milliseconds(199)).is_allowed);
    EXPECT_TRUE(buckets.take("a", five, seconds(10) + milliseconds(200)).is_allowed);
    EXPECT_FALSE(buckets.take("a", five, seconds(10) + milliseconds(200)).is_allowed);
}

TEST(TokenBuckets, never_hold_more_than_a_second_is_worth) {
    TokenBuckets buckets;
    const RateRule two{.per_second = 2};
    EXPECT_TRUE(buckets.take("a", two, seconds(0)).is_allowed);
    EXPECT_TRUE(buckets.take("a", two, seconds(1'000'000)).is_allowed);
    EXPECT_TRUE(buckets.take("a", two, seconds(1'000'000)).is_allowed);
    EXPECT_FALSE(buckets.take("a", two, seconds(1'000'000)).is_allowed);
}

TEST(TokenBuckets, keep_keys_apart) {
    TokenBuckets buckets;
    const RateRule one{.per_second = 1};
    EXPECT_TRUE(buckets.take("a", one, seconds(0)).is_allowed);
    EXPECT_FALSE(buckets.take("a", one, seconds(0)).is_allowed);
    EXPECT_TRUE(buckets.take("b", one, seconds(0)).is_allowed);
}

TEST(TokenBuckets, refill_nothing_when_time_runs_backwards) {
    TokenBuckets buckets;
    const RateRule one{.per_second = 1};
    EXPECT_TRUE(buckets.take("a", one, seconds(100)).is_allowed);
    EXPECT_FALSE(buckets.take("a", one, seconds(50)).is_allowed);
    EXPECT_FALSE(buckets.take("a", one, seconds(100)).is_allowed);
    EXPECT_TRUE(buckets.take("a", one, seconds(101)).is_allowed);
}

TEST(TokenBuckets, are_bounded_and_forget_who_was_away_longest) {
    TokenBuckets buckets(2);
    const RateRule one{.per_second = 1};
    EXPECT_TRUE(buckets.take("a", one, seconds(0)).is_allowed);
    EXPECT_TRUE(buckets.take("b", one, seconds(0)).is_allowed);
    EXPECT_FALSE(buckets.take("a", one, seconds(0)).is_allowed);
    EXPECT_TRUE(buckets.take("c", one, seconds(0)).is_allowed);
    EXPECT_EQ(buckets.size(), 2u);
    EXPECT_FALSE(buckets.take("a", one, seconds(0)).is_allowed);
    EXPECT_TRUE(buckets.take("b", one, seconds(0)).is_allowed);
}

}  // namespace
}  // namespace rb::core
