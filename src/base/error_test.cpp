#include "base/error.hpp"

#include "base/result.hpp"

#include <gtest/gtest.h>

namespace rb {
namespace {

Result<int> half(int number) {
    if (number % 2 != 0) return invalid_field("number", "must be even");
    return number / 2;
}

Result<int> quarter(int number) {
    const int once = TRY(half(number));
    return TRY(half(once));
}

Result<> check(int number) {
    TRY(half(number));
    return {};
}

TEST(Try, gives_the_value_or_leaves_with_the_error) {
    EXPECT_EQ(*quarter(8), 2);
    ASSERT_TRUE(quarter(6).has_error());
    EXPECT_EQ(quarter(6).error().field, "number");
    EXPECT_TRUE(check(2).has_value());
    EXPECT_TRUE(check(3).has_error());
}

TEST(Error, names_the_field_and_the_rule) {
    const auto error = invalid_field("email", "must contain @");
    EXPECT_EQ(error.message, "email: must contain @");
    EXPECT_EQ(grpc_status_of(error.code), GrpcStatus::invalid_argument);
}

TEST(Error, tells_what_a_retry_may_mend) {
    EXPECT_TRUE(is_retryable(ErrorCode::unavailable));
    EXPECT_FALSE(is_retryable(ErrorCode::insufficient_funds));
    EXPECT_EQ(reason_of(ErrorCode::order_not_payable), "order.not_payable");
}

TEST(ErrorDeathTest, value_of_an_error_is_a_bug) {
    EXPECT_DEATH((void)half(1).value(), "must be even");
}

}  // namespace
}  // namespace rb
