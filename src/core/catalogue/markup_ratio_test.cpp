#include "core/catalogue/markup_ratio.hpp"

#include <gtest/gtest.h>

namespace rb::core {
namespace {

std::string price(const std::string& cost, const std::string& ratio) {
    const auto money = *Money::parse(cost, Currency::cny(), "cost");
    const auto priced = MarkupRatio::parse(ratio)->price_of(money, Currency::cny());
    return priced.has_error() ? priced.error().field : priced->to_string();
}

TEST(MarkupRatio, makes_exact_prices_and_rounds_halves_up) {
    EXPECT_EQ(price("29.00", "1"), "29.00");
    EXPECT_EQ(price("29.00", "1.25"), "36.25");
    EXPECT_EQ(price("0.10", "1.1"), "0.11");
    // 19.99 × 1.15 = 22.9885
    EXPECT_EQ(price("19.99", "1.15"), "22.99");
    // 0.50 × 0.01 = 0.005: exactly half a place
    EXPECT_EQ(price("0.50", "0.01"), "0.01");
    // 0.49 × 0.01 = 0.0049
    EXPECT_EQ(price("0.49", "0.01"), "0.00");
    EXPECT_EQ(price("10.00", "1.0001"), "10.00");
    EXPECT_EQ(price("50.00", "1.0001"), "50.01");
    EXPECT_EQ(price("0.00", "1000"), "0.00");
}

TEST(MarkupRatio, gives_the_price_in_the_currency_it_is_asked_for) {
    const auto dollars = Money(1000, *Currency::parse("USD"));
    const auto yuan = MarkupRatio::parse("8.5")->price_of(dollars, Currency::cny());
    EXPECT_EQ(*yuan, Money(8500, Currency::cny()));
}

TEST(MarkupRatio, takes_what_is_at_its_limits_and_nothing_past_them) {
    EXPECT_EQ(MarkupRatio::parse("0.0001")->parts(), 1);
    EXPECT_EQ(MarkupRatio::parse("1000.0000")->parts(), MarkupRatio::parts_max);
    for (const auto* text : {"", ".", "1.", ".5", "-1", "+1", "1,2", "1.00001", "1e3", " 1", "0",
                             "0.0000", "1000.0001", "99999999999999999999999999"}) {
        const auto ratio = MarkupRatio::parse(text);
        ASSERT_TRUE(ratio.has_error()) << text;
        EXPECT_EQ(ratio.error().code, ErrorCode::invalid_argument) << text;
        EXPECT_EQ(ratio.error().field, "markup_ratio") << text;
    }
}

TEST(MarkupRatio, refuses_a_price_that_is_no_amount_any_more) {
    EXPECT_EQ(price("9999999999.99", "1"), "9999999999.99");
    EXPECT_EQ(price("9999999999.99", "1.0001"), "price");
    EXPECT_EQ(price("9999999.00", "1000"), "9999999000.00");
    EXPECT_EQ(price("10000000.00", "1000"), "price");
}

}  // namespace
}  // namespace rb::core
