// Against a real redis-server, private to this process; skipped where none is installed.

#include "coordination/redis_lock.hpp"
#include "coordination/redis_rate_limiter.hpp"
#include "coordination/redis_session_cache.hpp"
#include "support/private_redis.hpp"
#include "system/openssl_random.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <thread>

namespace rb::coordination {
namespace {

using test::PrivateRedis;

// Counts what is said at each level.
class CountingLog final : public core::Log {
public:
    [[nodiscard]] bool is_on(core::LogLevel, std::string_view) const override { return true; }
    void write(core::LogLevel level, std::string_view, std::string_view, core::LogFields) override {
        const std::lock_guard lock(mutex_);
        ++counts_[level];
    }
    int count(core::LogLevel level) {
        const std::lock_guard lock(mutex_);
        return counts_[level];
    }

private:
    std::mutex mutex_;
    std::map<core::LogLevel, int> counts_;
};

// Never asked while Redis answers.
class CountingLocks final : public core::MutualExclusion {
public:
    Result<std::unique_ptr<core::HeldLock>> try_lock(std::string_view,
                                                     std::chrono::milliseconds) override {
        ++asked;
        return std::unique_ptr<core::HeldLock>();
    }
    int asked = 0;
};

class RedisTest : public testing::Test {
protected:
    static void SetUpTestSuite() {
        if (PrivateRedis::is_installed()) redis_ = std::make_unique<PrivateRedis>();
    }
    static void TearDownTestSuite() { redis_.reset(); }
    void SetUp() override {
        if (!redis_) GTEST_SKIP() << "redis-server is not installed (make test-setup installs it)";
    }

    // Each test has its own keys.
    RedisOptions options() {
        return {.address = {.host = "127.0.0.1", .port = redis_->port()},
                .prefix = testing::UnitTest::GetInstance()->current_test_info()->name()};
    }
    // Until the client tries again after a failure.
    static void run_until_up(RedisClient& client) {
        while (client.run({"PING"}).has_error()) std::this_thread::yield();
    }

    static inline std::unique_ptr<PrivateRedis> redis_;
    CountingLog log_;
};

TEST_F(RedisTest, counts_for_all_servers_together) {
    RedisClient one(options(), log_);
    RedisClient two(options(), log_);
    RedisRateLimiter here(one);
    RedisRateLimiter there(two);
    // Ten at once and one in a tenth of a second: what passes in this test's time is bounded by it.
    const core::RateRule ten{.per_second = 10};
    const auto begun = std::chrono::steady_clock::now();
    int allowed = 0;
    for (int i = 0; i < 20; ++i) {
        allowed += here.take("a", ten).is_allowed ? 1 : 0;
        allowed += there.take("a", ten).is_allowed ? 1 : 0;
    }
    const auto tenths = (std::chrono::steady_clock::now() - begun) / std::chrono::milliseconds(100);
    EXPECT_GE(allowed, 10);
    EXPECT_LE(allowed, 10 + tenths + 1);
    EXPECT_TRUE(here.take("b", ten).is_allowed);
}

TEST_F(RedisTest, says_when_the_next_call_is_let_through) {
    RedisClient client(options(), log_);
    RedisRateLimiter limiter(client);
    const core::RateRule one{.per_second = 1};
    EXPECT_TRUE(limiter.take("a", one).is_allowed);
    const auto refused = limiter.take("a", one);
    EXPECT_FALSE(refused.is_allowed);
    EXPECT_GT(refused.retry_after, std::chrono::milliseconds(0));
    EXPECT_LE(refused.retry_after, std::chrono::milliseconds(1000));
}

TEST_F(RedisTest, remembers_a_session_until_it_is_revoked) {
    RedisClient client(options(), log_);
    RedisSessionCache cache(client);
    const auto hash = core::Digest{1, 2, 3};
    const core::CachedSession session{
        .id = core::SessionId(*Uuid::parse("01890000-0000-7000-8000-000000000001")),
        .user = core::UserId(*Uuid::parse("01890000-0000-7000-8000-000000000002")),
        .role = "support",
        .last_seen_at = core::Timestamp(std::chrono::microseconds(1'780'000'000'000'001)),
        .absolute_expires_at = core::Timestamp(std::chrono::microseconds(1'790'000'000'000'000))};
    EXPECT_FALSE(cache.find(hash).has_value());
    cache.remember(hash, session);
    const auto found = cache.find(hash);
    ASSERT_TRUE(found.has_value());
    EXPECT_EQ(found->id, session.id);
    EXPECT_EQ(found->user, session.user);
    EXPECT_EQ(found->role, session.role);
    EXPECT_EQ(found->last_seen_at, session.last_seen_at);
    EXPECT_EQ(found->absolute_expires_at, session.absolute_expires_at);
    EXPECT_FALSE(found->is_revoked);

    cache.revoke(hash);
    EXPECT_TRUE(cache.find(hash)->is_revoked);
    // A server that had read the session before it was revoked comes late.
    cache.remember(hash, session);
    EXPECT_TRUE(cache.find(hash)->is_revoked);
}

TEST_F(RedisTest, lets_entries_end_by_themselves) {
    RedisClient client(options(), log_);
    RedisSessionCache cache(client);
    const auto hash = core::Digest{1, 2, 3};
    cache.revoke(hash);
    const auto keys = client.run({"KEYS", options().prefix + ":session:*"});
    ASSERT_TRUE(keys.has_value());
    ASSERT_EQ(keys->list.size(), 1u);
    const auto left = client.run({"PTTL", *keys->list[0].text});
    ASSERT_TRUE(left.has_value());
    EXPECT_GT(*left->integer, 0);
    EXPECT_LE(*left->integer, 30'000);
}

TEST_F(RedisTest, gives_a_lock_to_one) {
    RedisClient client(options(), log_);
    system::OpensslRandom random;
    CountingLocks otherwise;
    RedisMutualExclusion locks(client, random, otherwise);
    auto held = locks.try_lock("scan", std::chrono::seconds(30));
    ASSERT_TRUE(held.has_value() && *held != nullptr);
    EXPECT_EQ(*locks.try_lock("scan", std::chrono::seconds(30)), nullptr);
    held->reset();
    EXPECT_NE(*locks.try_lock("scan", std::chrono::seconds(30)), nullptr);
    EXPECT_EQ(otherwise.asked, 0);
}

TEST_F(RedisTest, does_not_free_a_successors_lock) {
    RedisClient client(options(), log_);
    system::OpensslRandom random;
    CountingLocks otherwise;
    RedisMutualExclusion locks(client, random, otherwise);
    auto late = locks.try_lock("scan", std::chrono::seconds(30));
    ASSERT_TRUE(late.has_value());
    // His time ran out, and another took the lock.
    ASSERT_TRUE(client.run({"DEL", client.key("lock", "scan")}).has_value());
    auto successor = locks.try_lock("scan", std::chrono::seconds(30));
    ASSERT_NE(*successor, nullptr);
    late->reset();
    EXPECT_EQ(*locks.try_lock("scan", std::chrono::seconds(30)), nullptr);
}

// Operations manual 9.10: everything goes on, alone; the log hears of each change once.
TEST_F(RedisTest, goes_on_alone_while_redis_is_away) {
    RedisClient client(options(), log_);
    RedisRateLimiter limiter(client);
    RedisSessionCache cache(client);
    system::OpensslRandom random;
    CountingLocks otherwise;
    RedisMutualExclusion locks(client, random, otherwise);
    const auto hash = core::Digest{1, 2, 3};
    const core::RateRule one{.per_second = 1};
    ASSERT_TRUE(limiter.take("a", one).is_allowed);

    redis_->kill();
    for (int i = 0; i < 5; ++i) {
        EXPECT_FALSE(cache.find(hash).has_value());
        cache.revoke(hash);
    }
    EXPECT_TRUE(limiter.take("alone", one).is_allowed);
    EXPECT_FALSE(limiter.take("alone", one).is_allowed);
    EXPECT_TRUE(locks.try_lock("scan", std::chrono::seconds(30)).has_value());
    EXPECT_EQ(otherwise.asked, 1);
    EXPECT_FALSE(client.is_up());
    EXPECT_EQ(log_.count(core::LogLevel::warn), 1);

    redis_->start();
    // It may have come back on another port only if the old one was taken meanwhile.
    run_until_up(client);
    EXPECT_TRUE(client.is_up());
    EXPECT_EQ(log_.count(core::LogLevel::warn), 1);
    EXPECT_EQ(log_.count(core::LogLevel::info), 1);
    cache.revoke(hash);
    EXPECT_TRUE(cache.find(hash).has_value());
}

TEST_F(RedisTest, answers_as_if_redis_were_away_when_all_connections_are_busy) {
    auto narrow = options();
    narrow.max_connections = 1;
    RedisClient client(narrow, log_);
    std::atomic<bool> seen{false};
    std::jthread busy([&] {
        // Holds the only connection until redis_timeout, again and again.
        while (!seen) (void)client.run({"BLPOP", client.key("queue", "x"), "1"});
    });
    while (!seen) {
        const auto reply = client.run({"PING"});
        if (reply.has_value()) continue;
        EXPECT_EQ(reply.error().code, ErrorCode::unavailable);
        seen = reply.error().detail.find("busy") != std::string::npos;
    }
}

TEST_F(RedisTest, tells_a_refused_command_from_a_lost_connection) {
    RedisClient client(options(), log_);
    const auto refused = client.run({"NOSUCHCOMMAND"});
    ASSERT_TRUE(refused.has_error());
    EXPECT_EQ(refused.error().code, ErrorCode::internal);
    EXPECT_TRUE(client.is_up());
    EXPECT_TRUE(client.run({"PING"}).has_value());
}

}  // namespace
}  // namespace rb::coordination
