#include "core/money/money.hpp"

namespace rb::core {

Result<Currency> Currency::parse(std::string_view code) {
    const auto malformed = [] {
        return invalid_field("currency", "must be three capital letters");
    };
    if (code.size() != 3) return malformed();
    for (const char letter : code) {
        if (letter < 'A' || letter > 'Z') return malformed();
    }
    return Currency({code[0], code[1], code[2]});
}

Money::Money(std::int64_t minor_units, Currency currency)
    : minor_units_(minor_units), currency_(currency) {
    ASSERT(minor_units <= minor_units_max && minor_units >= -minor_units_max);
}

Result<Money> Money::parse(std::string_view text, Currency currency, std::string_view field) {
    const auto malformed = [&](const char* rule) {
        return invalid_field(std::string(field), rule);
    };
    constexpr auto shape = "must be a decimal number with at most two places";
    auto digits = text;
    const bool negative = !digits.empty() && digits.front() == '-';
    if (negative) digits.remove_prefix(1);
    const auto point = digits.find('.');
    const auto whole = digits.substr(0, point);
    const auto fraction =
        point == std::string_view::npos ? std::string_view() : digits.substr(point + 1);
    if (whole.empty() || fraction.size() > 2) return malformed(shape);
    if (point != std::string_view::npos && fraction.empty()) return malformed(shape);

    std::int64_t minor_units = 0;
    const auto append = [&](char digit) {
        if (digit < '0' || digit > '9') return false;
        // Stops growing once it is certainly out of range, so that it cannot overflow.
        if (minor_units <= minor_units_max) minor_units = minor_units * 10 + (digit - '0');
        return true;
    };
    for (const char digit : whole) {
        if (!append(digit)) return malformed(shape);
    }
    for (std::size_t place = 0; place < 2; ++place) {
        if (!append(place < fraction.size() ? fraction[place] : '0')) return malformed(shape);
    }
    if (minor_units > minor_units_max) return malformed("must not exceed 9999999999.99");
    return Money(negative ? -minor_units : minor_units, currency);
}

std::string Money::to_string() const {
    const auto magnitude = minor_units_ < 0 ? -minor_units_ : minor_units_;
    const auto cents = magnitude % 100;
    return (minor_units_ < 0 ? "-" : "") + std::to_string(magnitude / 100) +
           (cents < 10 ? ".0" : ".") + std::to_string(cents);
}

Money operator+(Money left, Money right) {
    ASSERT(left.currency_ == right.currency_);
    return {left.minor_units_ + right.minor_units_, left.currency_};
}

Money operator-(Money left, Money right) {
    return left + -right;
}

Money Money::times(std::int64_t quantity) const {
    std::int64_t product = 0;
    ASSERT(!__builtin_mul_overflow(minor_units_, quantity, &product));
    return {product, currency_};
}

Money Money::scaled_half_up(std::int64_t numerator, std::int64_t denominator) const {
    ASSERT(denominator > 0);
    __extension__ using Wide = __int128;
    const Wide product = static_cast<Wide>(minor_units_) * numerator;
    const Wide half = denominator / 2;
    // Away from zero on both sides; for an odd denominator an exact half does not occur.
    const Wide rounded = (product < 0 ? product - half : product + half) / denominator;
    ASSERT(rounded <= minor_units_max && rounded >= -minor_units_max);
    return {static_cast<std::int64_t>(rounded), currency_};
}

bool operator==(Money left, Money right) {
    return (left <=> right) == 0;
}

std::strong_ordering operator<=>(Money left, Money right) {
    ASSERT(left.currency_ == right.currency_);
    return left.minor_units_ <=> right.minor_units_;
}

}  // namespace rb::core
