#include "server/handlers/payment/payment_info.hpp"

#include <gtest/gtest.h>

namespace rb::server {
namespace {

// What costs nothing is paid without a payment.
TEST(PaymentInfo, names_no_payment_where_there_is_none) {
    rustbill::order::PaymentInfo info;
    fill_payment_info({.payment = {},
                       .gateway_id = "balance",
                       .instructions = {},
                       .status = core::PaymentStatus::success},
                      info);
    EXPECT_EQ(info.payment_id(), "");
    EXPECT_EQ(info.gateway_id(), "balance");
    const auto id = *core::PaymentId::parse("01920000-0000-7000-8000-000000000001", "id");
    fill_payment_info({.payment = id,
                       .gateway_id = "bank",
                       .instructions = {},
                       .status = core::PaymentStatus::pending},
                      info);
    EXPECT_EQ(info.payment_id(), id.to_string());
}

}  // namespace
}  // namespace rb::server
