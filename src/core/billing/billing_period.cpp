#include "core/billing/billing_period.hpp"

#include "base/assert.hpp"

namespace rb::core {
namespace {

int months_of(BillingCycle cycle) {
    ASSERT(cycle != BillingCycle::one_time);  // it has no period
    switch (cycle) {
        case BillingCycle::monthly:
            return 1;
        case BillingCycle::quarterly:
            return 3;
        case BillingCycle::yearly:
            return 12;
        case BillingCycle::one_time:
            break;
    }
    return 0;
}

}  // namespace

Timestamp add_months(Timestamp anchor, int months) {
    const auto day = std::chrono::floor<std::chrono::days>(anchor);
    const auto time_of_day = anchor - day;
    auto date = std::chrono::year_month_day(day) + std::chrono::months(months);
    if (!date.ok()) date = date.year() / date.month() / std::chrono::last;
    return std::chrono::sys_days(date) + time_of_day;
}

Timestamp period_end_after(Timestamp anchor, Timestamp start, BillingCycle cycle) {
    ASSERT(start >= anchor);
    const int step = months_of(cycle);
    // A month has at most 31 days, so this guess is never past the answer.
    const auto elapsed_days = std::chrono::floor<std::chrono::days>(start - anchor).count();
    int months = static_cast<int>(elapsed_days / (31L * step)) * step;
    Timestamp end = add_months(anchor, months);
    while (end <= start) {
        months += step;
        end = add_months(anchor, months);
    }
    return end;
}

}  // namespace rb::core
