#include "transport/connect/connect.hpp"

#include <grpc/health/v1/health.pb.h>
#include <gtest/gtest.h>

namespace rb::transport {
namespace {

using std::chrono_literals::operator""ms;

const auto& request_type() {
    return *::grpc::health::v1::HealthCheckRequest::descriptor();
}
const auto& answer_type() {
    return *::grpc::health::v1::HealthCheckResponse::descriptor();
}

TEST(ConnectTimeout, takes_digits_only) {
    EXPECT_EQ(*connect::parse_timeout("1500"), 1500ms);
    EXPECT_EQ(*connect::parse_timeout("9999999999"), 9999999999ms);
    for (const auto* text : {"", "1s", "-1", "12345678901", "1.5"}) {
        EXPECT_EQ(connect::parse_timeout(text).error().field, "connect-timeout-ms") << text;
    }
}

TEST(ConnectJson, becomes_the_message) {
    EXPECT_EQ(*connect::message_from_json(R"({"service":"a"})", request_type()), "\n\1a");
    EXPECT_EQ(*connect::message_from_json("{}", request_type()), "");
    EXPECT_EQ(*connect::message_from_json("", request_type()), "");
}

TEST(ConnectJson, names_the_field_it_does_not_know) {
    const auto refused = connect::message_from_json(R"({"sevrice":"a"})", request_type());
    ASSERT_TRUE(refused.has_error());
    EXPECT_EQ(refused.error().code, ErrorCode::invalid_argument);
    EXPECT_NE(refused.error().message.find("sevrice"), std::string::npos);
}

TEST(ConnectJson, refuses_other_json) {
    for (const auto* text :
         {"[", "{\"service\":1", "null garbage", "\"text\"", "{\"service\":{}}"}) {
        EXPECT_TRUE(connect::message_from_json(text, request_type()).has_error()) << text;
    }
}

TEST(ConnectJson, refuses_nesting_without_a_bottom) {
    const std::string deep = std::string(100'000, '[');
    EXPECT_TRUE(connect::message_from_json(deep, request_type()).has_error());
}

TEST(ConnectJson, shows_an_answer) {
    EXPECT_EQ(*connect::json_from_message("\x08\x01", answer_type()), R"({"status":"SERVING"})");
    EXPECT_EQ(connect::json_from_message("\xff", answer_type()).error().code, ErrorCode::internal);
}

TEST(ConnectError, is_this_json) {
    const CallContext call(RequestInfo{});
    EXPECT_EQ(
        connect::error_json({ErrorCode::order_not_payable, "a \"b\"\n"}, call),
        R"({"code":"failed_precondition","message":"a \"b\"\u000a","reason":"order.not_payable"})");
}

TEST(ConnectError, is_utf8_whatever_it_repeats) {
    const CallContext call(RequestInfo{});
    EXPECT_NE(connect::error_json({ErrorCode::not_found, "no \xff"}, call).find("no \uFFFD\""),
              std::string::npos);
}

}  // namespace
}  // namespace rb::transport
