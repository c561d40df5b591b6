#include "core/billing/invoice.hpp"

#include <gtest/gtest.h>

namespace rb::core {
namespace {

TEST(Invoice, number_has_six_digits_and_grows_past_them) {
    EXPECT_EQ(invoice_number("INV-2026", 42), "INV-2026-000042");
    EXPECT_EQ(invoice_number("INV-2026", 1'234'567), "INV-2026-1234567");
}

TEST(Invoice, series_is_the_year_of_issue_in_utc) {
    using namespace std::chrono_literals;
    EXPECT_EQ(invoice_series(std::chrono::sys_days(2026y / 12 / 31) + 23h + 59min), "INV-2026");
    EXPECT_EQ(invoice_series(std::chrono::sys_days(2027y / 1 / 1)), "INV-2027");
}

TEST(Invoice, paid_and_cancelled_are_final) {
    for (const auto to : {InvoiceStatus::draft, InvoiceStatus::issued, InvoiceStatus::paid,
                          InvoiceStatus::overdue, InvoiceStatus::cancelled}) {
        EXPECT_FALSE(may_follow(InvoiceStatus::paid, to));
        EXPECT_FALSE(may_follow(InvoiceStatus::cancelled, to));
        EXPECT_FALSE(may_follow(to, InvoiceStatus::draft));
    }
    EXPECT_TRUE(may_follow(InvoiceStatus::overdue, InvoiceStatus::paid));
}

}  // namespace
}  // namespace rb::core
