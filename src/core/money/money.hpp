// Money: an integer of minor units and a currency. No floating point anywhere.
//
// Arithmetic is checked: mixing currencies or leaving the range of DECIMAL(12,2) is a bug of the
// caller and ends the process, because input is checked where it is read (parse, Money::create).
// "12.00" exists only in the parser and the formatter.

#pragma once

#include "base/result.hpp"

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace rb::core {

// ISO 4217 alphabetic code. All amounts have two places, whatever the currency (manual 14).
class Currency {
public:
    // ERRORS: invalid_argument  not three capital letters
    static Result<Currency> parse(std::string_view code);
    static Currency cny() { return Currency({'C', 'N', 'Y'}); }

    [[nodiscard]] std::string_view code() const { return {code_.data(), code_.size()}; }
    auto operator<=>(const Currency&) const = default;

private:
    explicit Currency(std::array<char, 3> code) : code_(code) {}
    std::array<char, 3> code_;
};

class Money {
public:
    // DECIMAL(12,2): ten digits before the point.
    static constexpr std::int64_t minor_units_max = 999'999'999'999;

    // REQUIRES: |minor_units| <= minor_units_max
    Money(std::int64_t minor_units, Currency currency);

    static Money zero(Currency currency) { return {0, currency}; }

    // Reads "12", "12.3", "12.34", "-0.50"; more than two places is an error, never a rounding.
    // `field` names the input in the error.
    // ERRORS: invalid_argument  not a decimal number with at most two places, or out of range
    static Result<Money> parse(std::string_view text, Currency currency, std::string_view field);

    // Exactly two places: "12.00", "-0.50".
    [[nodiscard]] std::string to_string() const;

    [[nodiscard]] std::int64_t minor_units() const { return minor_units_; }
    [[nodiscard]] Currency currency() const { return currency_; }
    [[nodiscard]] bool is_zero() const { return minor_units_ == 0; }
    [[nodiscard]] bool is_positive() const { return minor_units_ > 0; }
    [[nodiscard]] bool is_negative() const { return minor_units_ < 0; }

    // REQUIRES (all): same currency, result in range
    friend Money operator+(Money left, Money right);
    friend Money operator-(Money left, Money right);
    Money operator-() const { return {-minor_units_, currency_}; }
    // Exact; for quantities. REQUIRES: result in range
    [[nodiscard]] Money times(std::int64_t quantity) const;
    // amount × numerator ÷ denominator, halves away from zero: the one place where we round, used
    // by proration and markup. REQUIRES: denominator > 0, result in range
    [[nodiscard]] Money scaled_half_up(std::int64_t numerator, std::int64_t denominator) const;

    friend bool operator==(Money left, Money right);
    friend std::strong_ordering operator<=>(Money left, Money right);

private:
    std::int64_t minor_units_;
    Currency currency_;
};

}  // namespace rb::core
