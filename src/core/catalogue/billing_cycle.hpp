// How long one price buys. `one_time` never renews.

#pragma once

#include "base/result.hpp"

#include <array>
#include <optional>
#include <string_view>

namespace rb::core {

// Spelled as on the wire and in the database.
enum class BillingCycle { monthly, quarterly, yearly, one_time };

constexpr std::array<BillingCycle, 4> all_billing_cycles{
    BillingCycle::monthly, BillingCycle::quarterly, BillingCycle::yearly, BillingCycle::one_time};

std::string_view name_of(BillingCycle cycle);
std::optional<BillingCycle> find_billing_cycle(std::string_view name);
// ERRORS: invalid_argument  none of the four words
Result<BillingCycle> parse_billing_cycle(std::string_view name, std::string_view field);

}  // namespace rb::core
