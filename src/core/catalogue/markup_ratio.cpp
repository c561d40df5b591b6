#include "core/catalogue/markup_ratio.hpp"

namespace rb::core {

namespace {

constexpr std::size_t places_max = 4;

static_assert(MarkupRatio::parts_per_one == 10'000);  // ten to the power of places_max

}  // namespace

Result<MarkupRatio> MarkupRatio::parse(std::string_view text) {
    const auto malformed = [] {
        return invalid_field("markup_ratio", "must be a decimal number with at most four places");
    };
    const auto point = text.find('.');
    const auto whole = text.substr(0, point);
    const bool has_point = point != std::string_view::npos;
    const auto fraction = has_point ? text.substr(point + 1) : std::string_view();
    if (whole.empty() || fraction.size() > places_max || (has_point && fraction.empty())) {
        return malformed();
    }
    std::int64_t parts = 0;
    const auto append = [&](char digit) {
        if (digit < '0' || digit > '9') return false;
        // Stops growing once it is certainly out of range, so that it cannot overflow.
        if (parts <= parts_max) parts = parts * 10 + (digit - '0');
        return true;
    };
    for (const char digit : whole) {
        if (!append(digit)) return malformed();
    }
    for (std::size_t place = 0; place < places_max; ++place) {
        if (!append(place < fraction.size() ? fraction[place] : '0')) return malformed();
    }
    if (parts == 0) return invalid_field("markup_ratio", "must be above zero");
    if (parts > parts_max) return invalid_field("markup_ratio", "must not exceed 1000");
    return MarkupRatio(parts);
}

Result<Money> MarkupRatio::price_of(Money cost, Currency currency) const {
    ASSERT(!cost.is_negative());
    // The largest cost whose price is an amount, minor_units_max × parts_per_one ÷ parts in steps
    // that fit 64 bits: Money ends the process for a larger one.
    const auto whole = Money::minor_units_max / parts_ * parts_per_one;
    const auto rest = Money::minor_units_max % parts_ * parts_per_one / parts_;
    const auto cost_max = parts_ <= parts_per_one ? Money::minor_units_max : whole + rest;
    if (cost.minor_units() > cost_max) {
        return invalid_field("price", "would exceed what an amount may be");
    }
    return Money(cost.scaled_half_up(parts_, parts_per_one).minor_units(), currency);
}

}  // namespace rb::core
