#include "coordination/memory_rate_limiter.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace rb::coordination {
namespace {

// The rate is so low that the test cannot last until the next token.
TEST(MemoryRateLimiter, lets_no_more_through_than_a_second_is_worth_however_many_ask) {
    MemoryRateLimiter limiter;
    const core::RateRule one{.per_second = 1};
    std::atomic<int> allowed{0};
    const auto begun = std::chrono::steady_clock::now();
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 8; ++i) {
            threads.emplace_back([&] {
                for (int call = 0; call < 50; ++call) {
                    allowed += limiter.take("login:192.0.2.1", one).is_allowed ? 1 : 0;
                }
            });
        }
    }
    const auto seconds =
        std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - begun)
            .count();
    EXPECT_GE(allowed, 1);
    EXPECT_LE(allowed, 1 + seconds + 1);
}

}  // namespace
}  // namespace rb::coordination
