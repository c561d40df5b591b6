#include "server/middleware/rate_limit_layer.hpp"

#include "server/middleware/client_address.hpp"

#include <gtest/gtest.h>

#include <map>

namespace rb::server {
namespace {

using transport::CallContext;
using transport::Response;

// As many tokens per key as the rule gives per second, never refilled.
class CountingLimiter final : public core::RateLimiter {
public:
    core::RateDecision take(std::string_view key, const core::RateRule& rule) override {
        if (++taken[std::string(key)] <= rule.per_second) return {};
        return {.is_allowed = false, .retry_after = std::chrono::milliseconds(1200)};
    }
    std::map<std::string, std::int64_t> taken;
};

class Answers final : public transport::Terminal {
public:
    Result<Response> run(CallContext&) override { return Response{}; }
};

class RateLimit : public testing::Test {
protected:
    bool is_let_through(const std::string& method, const std::string& ip = "203.0.113.7") {
        call_ = std::make_unique<CallContext>(
            transport::RequestInfo{.protocol = transport::Protocol::grpc_web,
                                   .http_method = "POST",
                                   .path = "/rustbill.identity.IdentityService/" + method,
                                   .query = {},
                                   .fields = fields_,
                                   .peer = {}});
        call_->attributes().set(ClientAddress{ip});
        const auto outcome = layer_.handle(*call_, transport::Next({}, terminal_));
        if (outcome.has_error()) {
            EXPECT_EQ(outcome.error().code, ErrorCode::too_many_requests);
        }
        return !outcome.has_error();
    }
    CountingLimiter limiter_;
    core::SilentLog log_;
    RateLimitLayer layer_{{.login_per_sec = 5, .register_per_sec = 1},
                          limiter_,
                          transport::CorsPolicy({.allowed_origins = {"https://shop.example"}}),
                          log_};
    Answers terminal_;
    transport::HeaderFields fields_;
    std::unique_ptr<CallContext> call_;
};

TEST_F(RateLimit, holds_logins_and_registrations_to_their_limits) {
    for (int i = 0; i < 5; ++i) EXPECT_TRUE(is_let_through("Login")) << i;
    EXPECT_FALSE(is_let_through("Login"));
    EXPECT_TRUE(is_let_through("Register"));
    EXPECT_FALSE(is_let_through("Register"));
}

TEST_F(RateLimit, counts_whatever_asks_for_the_password_as_a_login) {
    for (const char* method :
         {"BeginTotp", "RemoveTotp", "BeginPasskey", "RemovePasskey", "RenewRecoveryCodes"}) {
        EXPECT_TRUE(is_let_through(method)) << method;
    }
    EXPECT_FALSE(is_let_through("Login"));
    EXPECT_FALSE(is_let_through("BeginTotp"));
    EXPECT_TRUE(is_let_through("BeginPasskeySignIn")) << "which asks for none";
    EXPECT_TRUE(is_let_through("ConfirmTotp"));
}

// A guess at the old password is a guess at a password, and costs as much to look at.
TEST_F(RateLimit, counts_changes_of_passwords_as_logins) {
    for (int i = 0; i < 4; ++i) EXPECT_TRUE(is_let_through("ChangePassword")) << i;
    EXPECT_TRUE(is_let_through("Login"));
    EXPECT_FALSE(is_let_through("ChangePassword"));
    EXPECT_FALSE(is_let_through("Login"));
    EXPECT_TRUE(is_let_through("ChangePassword", "203.0.113.8"));
}

TEST_F(RateLimit, says_when_to_come_back_in_whole_seconds) {
    EXPECT_TRUE(is_let_through("Register"));
    EXPECT_FALSE(is_let_through("Register"));
    EXPECT_EQ(call_->response_headers().find("retry-after"), "2");
}

TEST_F(RateLimit, lets_a_page_of_an_allowed_origin_read_the_refusal) {
    fields_.add("origin", "https://shop.example");
    EXPECT_TRUE(is_let_through("Register"));
    // What passes gets its fields from the CORS layer behind, once.
    EXPECT_FALSE(call_->response_headers().find("access-control-allow-origin"));
    EXPECT_FALSE(is_let_through("Register"));
    EXPECT_EQ(call_->response_headers().find("access-control-allow-origin"),
              "https://shop.example");
    EXPECT_NE(call_->response_headers().find("access-control-expose-headers")->find("retry-after"),
              std::string_view::npos);
    fields_ = {};
    fields_.add("origin", "https://evil.example");
    EXPECT_FALSE(is_let_through("Register"));
    EXPECT_FALSE(call_->response_headers().find("access-control-allow-origin"));
}

TEST_F(RateLimit, counts_each_client_and_each_purpose_by_itself) {
    EXPECT_TRUE(is_let_through("Register", "203.0.113.7"));
    EXPECT_TRUE(is_let_through("Register", "203.0.113.8"));
    // Asking for a code must not spend the registration it is for.
    EXPECT_TRUE(is_let_through("SendVerificationCode", "203.0.113.7"));
    EXPECT_FALSE(is_let_through("SendVerificationCode", "203.0.113.7"));
}

TEST_F(RateLimit, leaves_all_other_calls_alone) {
    for (int i = 0; i < 100; ++i) EXPECT_TRUE(is_let_through("GetMe"));
    EXPECT_TRUE(limiter_.taken.empty());
}

}  // namespace
}  // namespace rb::server
