// Two servers on one database and one real Redis, which dies and comes back (operations manual
// 9.10): sessions, rate limits and locks are shared, then every server goes on alone, then shared
// again.

#include "server/app/app.hpp"
#include "server/app/foundation.hpp"
#include "support/fake_ports.hpp"
#include "support/http_call.hpp"
#include "support/private_redis.hpp"
#include "support/test_database.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <thread>

namespace rb::server {
namespace {

using test::call_json;
using test::HttpFields;

const std::string password_of_admin = "correct horse battery staple";

class SharedRedis : public testing::Test {
protected:
    void SetUp() override {
        if (!test::PrivateRedis::is_installed()) {
            GTEST_SKIP() << "redis-server is not installed (make test-setup installs it)";
        }
        redis_ = std::make_unique<test::PrivateRedis>();
        config_.server.port = 0;
        config_.db.url = database_.url();
        config_.jwt.secret = std::string(48, 's');
        config_.bootstrap.admin_password = password_of_admin;
        config_.plugins.plugins_dir = "./plugins";
        config_.redis = {
            .enabled = true, .url = redis_->url(), .max_connections = 10, .prefix = "shared"};
        // Refills slowly enough for what a test counts.
        config_.rate_limit = {.enabled = true, .login_per_sec = 3, .register_per_sec = 1};
    }
    std::string start(std::unique_ptr<App>& app) {
        auto started = App::start(config_, log_);
        EXPECT_FALSE(started.has_error()) << started.error().message << started.error().detail;
        app = std::move(*started);
        return "http://127.0.0.1:" + std::to_string(app->port());
    }
    static HttpFields sign_in(const std::string& origin) {
        const nlohmann::json login = {
            {"username", "admin"}, {"password", password_of_admin}, {"userType", "admin"}};
        const auto answer = call_json(origin, "identity.IdentityService/Login", login.dump());
        EXPECT_EQ(answer.code, "") << answer.message;
        const auto& cookie = answer.headers.at("set-cookie");
        return {{"cookie", cookie.substr(0, cookie.find(';'))}};
    }
    // How many of `calls` registrations the server lets through to its rules.
    static int let_through(const std::string& origin, int calls) {
        int passed = 0;
        for (int i = 0; i < calls; ++i) {
            const auto answer = call_json(origin, "identity.IdentityService/Register", "{}");
            passed += answer.code != "resource_exhausted" ? 1 : 0;
        }
        return passed;
    }
    static std::string me(const std::string& origin, const HttpFields& session) {
        return call_json(origin, "identity.IdentityService/GetMe", "{}", session).code;
    }

    int times_said(const std::string& words) {
        const auto text = log_.text();
        int times = 0;
        for (auto at = text.find(words); at != std::string::npos; at = text.find(words, at + 1)) {
            ++times;
        }
        return times;
    }
    // Advisory locks held in this test's database.
    std::string advisory_locks() {
        return database_.value(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = "
            "(SELECT oid FROM pg_database WHERE datname = current_database())");
    }

    test::TestDatabase database_;
    test::RememberingLog log_;
    config::Config config_;
    std::unique_ptr<test::PrivateRedis> redis_;
};

TEST_F(SharedRedis, is_used_by_all_servers_missed_by_none_and_taken_up_again) {
    std::unique_ptr<App> first;
    std::unique_ptr<App> second;
    const auto here = start(first);
    const auto there = start(second);
    const auto session = sign_in(here);
    EXPECT_EQ(me(there, session), "");
    coordination::RedisClient client(
        {.address = {.host = "127.0.0.1", .port = redis_->port()}, .prefix = "shared"}, log_);
    EXPECT_GE(client.run({"KEYS", "shared:session:*"})->list.size(), 1U);

    // Shared: the second server counts what the first has let through.
    EXPECT_EQ(let_through(here, 1), 1);
    EXPECT_GE(client.run({"KEYS", "shared:rate:register:*"})->list.size(), 1U);

    redis_->kill();
    EXPECT_EQ(me(here, session), "");
    EXPECT_EQ(me(there, session), "");
    EXPECT_EQ(let_through(here, 1), 1);
    EXPECT_EQ(let_through(there, 1), 1) << "alone, each server counts for itself";
    // One for each server, not for each call.
    EXPECT_EQ(times_said("Redis is away"), 2) << log_.text();
    // A session that ends while Redis is away has ended on every server.
    EXPECT_EQ(call_json(here, "identity.IdentityService/Logout", "{}", session).code, "");
    EXPECT_EQ(me(there, session), "unauthenticated");

    redis_->start();
    while (client.run({"PING"}).has_error()) std::this_thread::yield();
    const auto again = sign_in(here);
    // Each server asks again a moment after its last failure.
    while (client.run({"KEYS", "shared:session:*"})->list.empty()) {
        EXPECT_EQ(me(here, again), "");
        EXPECT_EQ(me(there, again), "");
    }
    EXPECT_NE(log_.text().find("Redis is back"), std::string::npos);
}

TEST_F(SharedRedis, gives_locks_and_postgresql_does_while_it_is_away) {
    Foundation one(config_, log_);
    Foundation two(config_, log_);
    for (auto* server : {&one, &two}) {
        ASSERT_TRUE(server->open_database(config_.db).has_value());
        ASSERT_TRUE(server->open_redis(config_.redis).has_value());
    }
    auto held = one.locks().try_lock("order_timeout", std::chrono::minutes(5));
    ASSERT_TRUE(held.has_value() && *held);
    EXPECT_EQ(*two.locks().try_lock("order_timeout", std::chrono::minutes(5)), nullptr);
    EXPECT_EQ(advisory_locks(), "0");

    // Killed while it is held: the next one who asks gets PostgreSQL's, and holds it against
    // others.
    redis_->kill();
    auto next = two.locks().try_lock("order_timeout", std::chrono::minutes(5));
    ASSERT_TRUE(next.has_value());
    ASSERT_NE(*next, nullptr);
    EXPECT_NE(advisory_locks(), "0");
    EXPECT_EQ(*one.locks().try_lock("order_timeout", std::chrono::minutes(5)), nullptr);
    EXPECT_EQ(times_said("Redis is away"), 2) << log_.text();
    // Giving back what Redis held is no error although it is gone.
    held->reset();
    next->reset();
    EXPECT_EQ(advisory_locks(), "0");

    redis_->start();
    while (one.redis_client->run({"PING"}).has_error()) std::this_thread::yield();
    auto back = one.locks().try_lock("order_timeout", std::chrono::minutes(5));
    ASSERT_TRUE(back.has_value() && *back);
    EXPECT_EQ(advisory_locks(), "0");
}

TEST_F(SharedRedis, is_not_needed_for_locks) {
    config_.redis.enabled = false;
    Foundation one(config_, log_);
    ASSERT_TRUE(one.open_database(config_.db).has_value());
    ASSERT_TRUE(one.open_redis(config_.redis).has_value());
    auto held = one.locks().try_lock("order_timeout", std::chrono::minutes(5));
    ASSERT_TRUE(held.has_value() && *held);
    EXPECT_NE(advisory_locks(), "0");
    EXPECT_EQ(times_said("Redis"), 0) << log_.text();
}

}  // namespace
}  // namespace rb::server
