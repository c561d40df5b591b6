// How long one price buys. `one_time` never renews.

#pragma once

#include "base/result.hpp"

#include "core/named_enum.hpp"

#include <array>
#include <optional>
#include <string_view>

namespace rb::core {

// Spelled as on the wire and in the database.
enum class BillingCycle { monthly, quarterly, yearly, one_time };

template <>
struct EnumNames<BillingCycle> {
    static constexpr std::array<std::string_view, 4> names{"monthly", "quarterly", "yearly",
                                                           "one_time"};
};

inline std::optional<BillingCycle> find_billing_cycle(std::string_view name) {
    return find_enum<BillingCycle>(name);
}
// ERRORS: invalid_argument  none of the four words
inline Result<BillingCycle> parse_billing_cycle(std::string_view name, std::string_view field) {
    return parse_enum<BillingCycle>(name, field);
}

}  // namespace rb::core
