#include "core/billing/billing_period.hpp"

#include <gtest/gtest.h>

namespace rb::core {
namespace {

using namespace std::chrono_literals;
using std::chrono::sys_days;

Timestamp at(std::chrono::year_month_day date) {
    return sys_days(date) + 13h + 5min;
}

TEST(BillingPeriod, keeps_the_day_of_the_anchor_through_short_months) {
    const auto anchor = at(2027y / 1 / 31);
    auto end = anchor;
    const std::chrono::year_month_day expected[] = {2027y / 2 / 28, 2027y / 3 / 31, 2027y / 4 / 30,
                                                    2027y / 5 / 31, 2027y / 6 / 30};
    for (const auto& date : expected) {
        end = period_end_after(anchor, end, BillingCycle::monthly);
        EXPECT_EQ(end, at(date));
    }
}

TEST(BillingPeriod, knows_leap_years) {
    const auto anchor = at(2028y / 2 / 29);
    EXPECT_EQ(period_end_after(anchor, anchor, BillingCycle::yearly), at(2029y / 2 / 28));
    EXPECT_EQ(period_end_after(anchor, at(2031y / 2 / 28), BillingCycle::yearly),
              at(2032y / 2 / 29));
}

TEST(BillingPeriod, three_years_of_quarters_are_twelve_periods_without_a_gap) {
    const auto anchor = at(2026y / 11 / 30);
    auto end = anchor;
    for (int period = 0; period < 12; ++period) {
        const auto next = period_end_after(anchor, end, BillingCycle::quarterly);
        EXPECT_GT(next, end);
        end = next;
    }
    EXPECT_EQ(end, at(2029y / 11 / 30));
}

TEST(BillingPeriod, ends_after_a_start_that_lies_inside_a_period) {
    const auto anchor = at(2026y / 1 / 15);
    EXPECT_EQ(period_end_after(anchor, at(2026y / 2 / 20), BillingCycle::monthly),
              at(2026y / 3 / 15));
}

}  // namespace
}  // namespace rb::core
