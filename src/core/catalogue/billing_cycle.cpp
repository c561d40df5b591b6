#include "core/catalogue/billing_cycle.hpp"

#include <string>

namespace rb::core {

std::string_view name_of(BillingCycle cycle) {
    switch (cycle) {
        case BillingCycle::monthly:
            return "monthly";
        case BillingCycle::quarterly:
            return "quarterly";
        case BillingCycle::yearly:
            return "yearly";
        case BillingCycle::one_time:
            return "one_time";
    }
    ASSERT(false);
}

std::optional<BillingCycle> find_billing_cycle(std::string_view name) {
    for (const auto cycle : all_billing_cycles) {
        if (name_of(cycle) == name) return cycle;
    }
    return std::nullopt;
}

Result<BillingCycle> parse_billing_cycle(std::string_view name, std::string_view field) {
    if (const auto cycle = find_billing_cycle(name)) return *cycle;
    return invalid_field(std::string(field), "must be one of monthly, quarterly, yearly, one_time");
}

}  // namespace rb::core
