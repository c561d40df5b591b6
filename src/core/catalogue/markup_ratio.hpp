// The ratio that makes a price of what an upstream asks: price = cost × ratio. A decimal number
// with at most four places, kept as an integer of ten-thousandths; no floating point. Where the
// price is in another currency than the cost, the ratio holds the rate of exchange too.

#pragma once

#include "base/result.hpp"

#include "core/money/money.hpp"

#include <cstdint>
#include <string_view>

namespace rb::core {

class MarkupRatio {
public:
    static constexpr std::int64_t parts_per_one = 10'000;
    // 1000.0000: more is a typing error, not a trade.
    static constexpr std::int64_t parts_max = 1'000 * parts_per_one;

    // ERRORS: invalid_argument  markup_ratio: no decimal number with at most four places, not above
    //                           zero, or above 1000
    static Result<MarkupRatio> parse(std::string_view text);

    // The price in `currency`: halves of the last place away from zero (Money::scaled_half_up).
    // REQUIRES: cost >= 0
    // ERRORS: invalid_argument  price: exceeds what an amount may be
    [[nodiscard]] Result<Money> price_of(Money cost, Currency currency) const;

    [[nodiscard]] std::int64_t parts() const { return parts_; }

private:
    explicit MarkupRatio(std::int64_t parts) : parts_(parts) {}
    std::int64_t parts_;
};

}  // namespace rb::core
