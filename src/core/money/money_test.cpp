#include "core/money/money.hpp"

#include <gtest/gtest.h>

namespace rb::core {
namespace {

Money yuan(std::int64_t minor_units) {
    return {minor_units, Currency::cny()};
}

TEST(Money, reads_and_writes_two_places) {
    struct Row {
        const char* text;
        std::int64_t minor_units;
        const char* written;
    };
    for (const auto& row :
         {Row{"12", 1200, "12.00"}, Row{"12.3", 1230, "12.30"}, Row{"12.34", 1234, "12.34"},
          Row{"-0.5", -50, "-0.50"}, Row{"0.05", 5, "0.05"},
          Row{"9999999999.99", Money::minor_units_max, "9999999999.99"}}) {
        const auto money = Money::parse(row.text, Currency::cny(), "amount");
        ASSERT_TRUE(money.has_value()) << row.text;
        EXPECT_EQ(money->minor_units(), row.minor_units);
        EXPECT_EQ(money->to_string(), row.written);
    }
}

TEST(Money, refuses_what_it_would_have_to_guess) {
    for (const auto* text : {"", "-", ".", ".5", "5.", "1.234", "1e3", "+1", " 1", "1 ", "1,00",
                             "--1", "0x1", "NaN", "10000000000.00", "99999999999999999999999999"}) {
        const auto money = Money::parse(text, Currency::cny(), "amount");
        ASSERT_TRUE(money.has_error()) << text;
        EXPECT_EQ(money.error().field, "amount");
    }
}

TEST(Money, rounds_halves_away_from_zero_and_only_when_asked) {
    EXPECT_EQ(yuan(1).scaled_half_up(1, 2), yuan(1));
    EXPECT_EQ(yuan(-1).scaled_half_up(1, 2), yuan(-1));
    EXPECT_EQ(yuan(1).scaled_half_up(1, 3), yuan(0));
    EXPECT_EQ(yuan(2900).scaled_half_up(10, 31), yuan(935));
    EXPECT_EQ(yuan(Money::minor_units_max).scaled_half_up(1'000'000, 1'000'000),
              yuan(Money::minor_units_max));
}

TEST(MoneyDeathTest, never_mixes_currencies_or_leaves_its_range) {
    const Money dollar(1, *Currency::parse("USD"));
    EXPECT_DEATH((void)(yuan(1) + dollar), "currency");
    EXPECT_DEATH((void)(yuan(Money::minor_units_max) + yuan(1)), "minor_units_max");
    EXPECT_DEATH((void)yuan(Money::minor_units_max).times(1'000'000'000), "overflow");
}

TEST(Currency, is_three_capital_letters) {
    EXPECT_EQ(Currency::parse("EUR")->code(), "EUR");
    for (const auto* code : {"", "eur", "EURO", "E1R"})
        EXPECT_TRUE(Currency::parse(code).has_error()) << code;
}

}  // namespace
}  // namespace rb::core
