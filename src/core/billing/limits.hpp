// The numbers of billing, each with its reason. Tests stand at and past each.

#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace rb::core::billing_limits {

// A renewal's invoice goes out this long before the period it pays for: time for a bank transfer.
constexpr std::chrono::days invoice_lead{7};
// After the due date a server runs on this long before it is suspended: weekends and slow banks.
constexpr std::chrono::days suspension_grace{3};
// A payment that was begun and not finished holds the suspension back this much longer, and no
// more: an attempt costs nothing, and whoever began one each month would never be suspended.
constexpr std::chrono::days pending_payment_patience{3};
// How many items one pass of the billing run takes up; the rest waits for the next pass, so that a
// backlog never holds the lease for hours.
constexpr std::uint32_t items_per_pass_max = 500;
// Lines an administrator may put on one invoice: what still prints on a few pages.
constexpr std::size_t invoice_items_max = 100;
constexpr std::size_t item_description_max = 500;
constexpr std::uint32_t item_quantity_max = 100'000;
constexpr std::size_t notes_max = 2000;

}  // namespace rb::core::billing_limits
