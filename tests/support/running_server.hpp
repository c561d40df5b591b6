// A whole server in this process, on a database of its own, and people who sign in to it.
//
//     class ShopTest : public test::RunningServer {};
//     TEST_F(ShopTest, …) { call_json(origin, "identity.IdentityService/GetMe", "{}",
//     sign_in_customer("ann")); }

#pragma once

#include "server/app/app.hpp"
#include "support/http_call.hpp"
#include "support/test_database.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

namespace rb::test {

inline const std::string admin_password = "correct horse battery staple";
inline const std::string customer_password = "a customer's own words";

inline config::Config config_for(const TestDatabase& database) {
    config::Config config;
    config.server.port = 0;
    config.server.drain_timeout_secs = 20;
    config.db.url = database.url();
    config.jwt.secret = std::string(48, 's');
    config.bootstrap.admin_password = admin_password;
    config.rate_limit.enabled = false;
    config.plugins.plugins_dir = "./plugins";
    return config;
}

// Lets a test wait for what a server says of its own accord. Thread-safe.
class ListeningLog final : public core::Log {
public:
    [[nodiscard]] bool is_on(core::LogLevel, std::string_view) const override { return false; }
    void write(core::LogLevel, std::string_view, std::string_view message,
               core::LogFields) override {
        {
            const std::lock_guard lock(mutex_);
            said_.emplace(message);
        }
        more_.notify_all();
    }
    bool wait_for(const std::string& message, std::chrono::seconds patience) {
        std::unique_lock lock(mutex_);
        return more_.wait_for(lock, patience, [&] { return said_.contains(message); });
    }

private:
    std::mutex mutex_;
    std::condition_variable more_;
    std::set<std::string> said_;  // guarded by mutex_
};

// One server for all tests of a suite: they look, or make what is their own.
class RunningServer : public testing::Test {
protected:
    static void SetUpTestSuite() {
        database = std::make_unique<TestDatabase>();
        database->run(
            "INSERT INTO verification_codes (id, email, purpose, code_hash, created_at, "
            "expires_at) VALUES (gen_random_uuid(), 'stale@example.com', 'registration', '', "
            "'2020-01-01', '2020-01-01')");
        config = config_for(*database);
        auto started = server::App::start(config, log);
        ASSERT_FALSE(started.has_error()) << started.error().message << started.error().detail;
        app = std::move(*started);
        origin = "http://127.0.0.1:" + std::to_string(app->port());
    }
    static void TearDownTestSuite() {
        app.reset();
        database.reset();
    }

    static HttpFields sign_in_customer(const std::string& name) {
        const nlohmann::json registration = {{"username", name},
                                             {"email", name + "@example.com"},
                                             {"displayName", name},
                                             {"password", customer_password}};
        const auto registered =
            call_json(origin, "identity.IdentityService/Register", registration.dump());
        EXPECT_EQ(registered.code, "") << registered.message;
        return {{"authorization", "Bearer " + access_token(name)}};
    }
    static std::string access_token(const std::string& name) {
        const nlohmann::json login = {{"username", name}, {"password", customer_password}};
        const auto answer = call_json(origin, "identity.IdentityService/Login", login.dump());
        EXPECT_EQ(answer.code, "") << answer.message;
        return nlohmann::json::parse(answer.body).value("accessToken", "");
    }
    static HttpFields sign_in_admin(const std::string& name, const std::string& password) {
        const nlohmann::json login = {
            {"username", name}, {"password", password}, {"userType", "admin"}};
        const auto answer = call_json(origin, "identity.IdentityService/Login", login.dump());
        EXPECT_EQ(answer.code, "") << answer.message;
        const auto& cookie = answer.headers.at("set-cookie");
        return {{"cookie", cookie.substr(0, cookie.find(';'))}};
    }

    inline static ListeningLog log;
    inline static std::unique_ptr<TestDatabase> database;
    inline static config::Config config;
    inline static std::unique_ptr<server::App> app;
    inline static std::string origin;
};

}  // namespace rb::test
