#include "store_pg/pool.hpp"

#include "store_pg/limits.hpp"

#include "support/test_database.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace rb::store_pg {
namespace {

using test::Schema;
using test::TestDatabase;

constexpr Statement backend{"test_backend", "SELECT pg_backend_pid()"};

class PoolTest : public testing::Test {
protected:
    std::unique_ptr<Pool> make(PoolOptions options) {
        options.connection = db_.connection_options();
        auto pool = Pool::create(std::move(options));
        EXPECT_TRUE(pool.has_value());
        return std::move(*pool);
    }
    TestDatabase db_{Schema::empty};
};

TEST_F(PoolTest, makes_min_connections_at_once) {
    const auto pool = make({.max_connections = 4, .min_connections = 3});
    EXPECT_EQ(pool->statistics().open, 3);
    EXPECT_EQ(pool->statistics().idle, 3);
}

TEST_F(PoolTest, refuses_a_minimum_above_the_maximum) {
    const auto pool = Pool::create(
        {.connection = db_.connection_options(), .max_connections = 2, .min_connections = 3});
    ASSERT_TRUE(pool.has_error());
    EXPECT_EQ(pool.error().field, "db.min_connections");
}

TEST_F(PoolTest, a_full_pool_makes_the_next_wait_and_then_gives_up) {
    const auto pool = make({.max_connections = 1,
                            .min_connections = 0,
                            .acquire_timeout = std::chrono::milliseconds(50)});
    {
        const auto held = pool->acquire();
        ASSERT_TRUE(held.has_value());
        const auto second = pool->acquire();
        ASSERT_TRUE(second.has_error());
        EXPECT_EQ(second.error().code, ErrorCode::unavailable);
        EXPECT_EQ(pool->statistics().timed_out, 1U);
    }
    EXPECT_TRUE(pool->acquire().has_value());
}

TEST_F(PoolTest, waiters_are_served_in_the_order_they_came) {
    const auto pool = make({.max_connections = 1, .min_connections = 0});
    std::vector<int> order;
    std::vector<std::thread> threads;
    {
        const auto held = pool->acquire();
        for (int number = 0; number < 4; ++number) {
            threads.emplace_back([&, number] {
                const auto lease = pool->acquire();
                order.push_back(number);  // one connection: one thread at a time
            });
            while (pool->statistics().waiting != number + 1) std::this_thread::yield();
        }
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(order, (std::vector<int>{0, 1, 2, 3}));
}

TEST_F(PoolTest, a_connection_that_died_while_idle_is_replaced) {
    const auto pool = make({.max_connections = 1, .min_connections = 1});
    const auto first = (*pool->acquire())->backend_pid();
    db_.run("SELECT pg_terminate_backend(" + std::to_string(first) + ", 5000)");
    const auto lease = pool->acquire();
    ASSERT_TRUE(lease.has_value());
    EXPECT_NE((*lease)->backend_pid(), first);
    EXPECT_TRUE((*lease)->run(backend).has_value());
    EXPECT_EQ(pool->statistics().dropped, 1U);
    EXPECT_EQ(pool->statistics().open, 1);
}

TEST_F(PoolTest, a_condemned_connection_is_not_given_to_anybody) {
    const auto pool = make({.max_connections = 1, .min_connections = 0});
    int first = 0;
    {
        auto lease = pool->acquire();
        first = (*lease)->backend_pid();
        lease->condemn();
    }
    EXPECT_EQ(pool->statistics().open, 0);
    EXPECT_NE((*pool->acquire())->backend_pid(), first);
}

TEST_F(PoolTest, a_connection_past_its_lifetime_is_replaced) {
    const auto pool =
        make({.max_connections = 1, .min_connections = 0, .max_lifetime = std::chrono::seconds(0)});
    const auto first = (*pool->acquire())->backend_pid();
    EXPECT_NE((*pool->acquire())->backend_pid(), first);
}

// Operations manual 2.2: idle_timeout_secs, with min_connections kept.
TEST_F(PoolTest, connections_that_nobody_uses_are_closed_down_to_the_minimum) {
    for (const auto& [idle_timeout, left] :
         {std::pair{std::chrono::seconds(0), 1}, std::pair{std::chrono::seconds(300), 3}}) {
        const auto pool =
            make({.max_connections = 3, .min_connections = 1, .idle_timeout = idle_timeout});
        {
            const auto first = pool->acquire();
            const auto second = pool->acquire();
            const auto third = pool->acquire();
            ASSERT_EQ(pool->statistics().open, 3);
        }
        pool->prune();
        EXPECT_EQ(pool->statistics().open, left);
        EXPECT_TRUE(pool->acquire().has_value());
    }
}

// Operations manual 2.2: test_before_acquire. Time is the subject: one just used is not asked.
TEST_F(PoolTest, a_connection_that_rested_is_asked_before_use_where_that_is_wanted) {
    for (const bool is_wanted : {true, false}) {
        const auto pool =
            make({.max_connections = 1, .min_connections = 1, .test_before_acquire = is_wanted});
        (void)(*pool->acquire())->run(backend);
        static_assert(trusted_idle < std::chrono::milliseconds(1'100));
        db_.run("SELECT pg_sleep(1.1)");
        const auto lease = pool->acquire();
        const auto last = db_.value("SELECT query FROM pg_stat_activity WHERE pid = " +
                                    std::to_string((*lease)->backend_pid()));
        EXPECT_EQ(last == "SELECT 1", is_wanted) << last;
    }
}

TEST_F(PoolTest, many_threads_share_few_connections_and_none_is_lost) {
    const auto pool = make({.max_connections = 3, .min_connections = 0});
    std::atomic<int> served{0};
    std::vector<std::thread> threads;
    threads.reserve(16);
    for (int number = 0; number < 16; ++number) {
        threads.emplace_back([&] {
            for (int round = 0; round < 20; ++round) {
                const auto lease = pool->acquire();
                if (lease.has_value() && (*lease)->run(backend).has_value()) ++served;
            }
        });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(served, 320);
    EXPECT_LE(pool->statistics().open, 3);
    EXPECT_EQ(pool->statistics().idle, pool->statistics().open);
}

}  // namespace
}  // namespace rb::store_pg
