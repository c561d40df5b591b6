#include "rune/natives/parse_number.hpp"

#include "rune/syntax/unicode.hpp"
#include "rune/vm.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>

namespace rb::rune {

namespace {

Value failure(Vm& vm, std::string message, std::string debug) {
    return vm.make_err(vm.make_native(ParseError{std::move(message), std::move(debug)}));
}

Value int_failure(Vm& vm, std::string message, std::string_view kind) {
    return failure(vm, std::move(message), "ParseIntError { kind: " + std::string(kind) + " }");
}

Value float_failure(Vm& vm, bool empty) {
    return failure(vm, empty ? "cannot parse float from empty string" : "invalid float literal",
                   std::string("ParseFloatError { kind: ") + (empty ? "Empty" : "Invalid") + " }");
}

bool equals_ignoring_case(std::string_view text, std::string_view lower) {
    if (text.size() != lower.size()) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char byte =
            text[i] >= 'A' && text[i] <= 'Z' ? static_cast<char>(text[i] + 32) : text[i];
        if (byte != lower[i]) return false;
    }
    return true;
}

}  // namespace

Value parse_integer(Vm& vm, std::string_view text, Tag tag) {
    vm.charge(static_cast<std::int64_t>(text.size() / 8));
    if (text.empty()) return int_failure(vm, "cannot parse integer from empty string", "Empty");
    const bool is_signed = tag == Tag::integer;
    bool negative = false;
    if (text[0] == '+' || (is_signed && text[0] == '-')) {
        negative = text[0] == '-';
        text.remove_prefix(1);
    }
    const auto invalid = [&] {
        return int_failure(vm, "invalid digit found in string", "InvalidDigit");
    };
    if (text.empty()) return invalid();
    std::uint64_t magnitude = 0;
    bool overflow = false;
    for (const char byte : text) {
        if (byte < '0' || byte > '9') return invalid();
        overflow = overflow || __builtin_mul_overflow(magnitude, 10, &magnitude) ||
                   __builtin_add_overflow(magnitude, static_cast<unsigned>(byte - '0'), &magnitude);
    }
    const std::uint64_t limit =
        is_signed ? std::numeric_limits<std::uint64_t>::max() / 2 + (negative ? 1 : 0)
                  : std::numeric_limits<std::uint64_t>::max();
    if (overflow || magnitude > limit) {
        return negative ? int_failure(vm, "number too small to fit in target type", "NegOverflow")
                        : int_failure(vm, "number too large to fit in target type", "PosOverflow");
    }
    if (!is_signed) return vm.make_ok(Value::of(magnitude));
    const auto value = static_cast<std::int64_t>(negative ? 0 - magnitude : magnitude);
    return vm.make_ok(Value::of(value));
}

namespace {

// Whether a number too large or too small for a double, written in digits, is below 1: from where
// its first digit other than 0 stands, and its exponent.
bool is_below_one(std::string_view text) {
    const std::size_t mark = std::min(text.find_first_of("eE"), text.size());
    const std::string_view digits = text.substr(0, mark);
    const std::size_t point = std::min(digits.find('.'), digits.size());
    const std::size_t first = std::min(digits.find_first_not_of("0."), digits.size());
    const bool before_point = first < point;
    const auto places = static_cast<std::int64_t>(before_point ? point - first : first - point);
    std::int64_t exponent = 0;
    if (mark < text.size()) {
        std::string_view rest = text.substr(mark + 1);
        if (rest.starts_with('+')) rest.remove_prefix(1);
        const auto read = std::from_chars(rest.data(), rest.data() + rest.size(), exponent);
        if (read.ec == std::errc::result_out_of_range) return rest.starts_with('-');
    }
    // An exponent near the end of i64 decides alone; a text is far shorter.
    exponent = std::clamp<std::int64_t>(exponent, INT64_MIN / 2, INT64_MAX / 2);
    return exponent + (before_point ? places : -places) <= 0;
}

}  // namespace

Value parse_float(Vm& vm, std::string_view text) {
    vm.charge(static_cast<std::int64_t>(text.size() / 8));
    if (text.empty()) return float_failure(vm, true);
    std::string_view rest = text;
    bool negative = false;
    if (rest[0] == '+' || rest[0] == '-') {
        negative = rest[0] == '-';
        rest.remove_prefix(1);
    }
    const auto signed_value = [&](double value) {
        return vm.make_ok(Value::of(negative ? -value : value));
    };
    if (equals_ignoring_case(rest, "inf") || equals_ignoring_case(rest, "infinity")) {
        return signed_value(std::numeric_limits<double>::infinity());
    }
    if (equals_ignoring_case(rest, "nan")) {
        return signed_value(std::numeric_limits<double>::quiet_NaN());
    }
    // from_chars also takes words and a second sign; only digits may follow here.
    const bool starts = !rest.empty() && ((rest[0] >= '0' && rest[0] <= '9') || rest[0] == '.');
    if (!starts || rest == ".") return float_failure(vm, false);
    double value = 0;
    const char* end = rest.data() + rest.size();
    const auto [at, error] = std::from_chars(rest.data(), end, value);
    if (at != end) return float_failure(vm, false);
    if (error == std::errc::result_out_of_range) {
        value = is_below_one(rest) ? 0.0 : std::numeric_limits<double>::infinity();
    } else if (error != std::errc()) {
        return float_failure(vm, false);
    }
    return signed_value(value);
}

Value parse_char(Vm& vm, std::string_view text) {
    const auto scalar = decode_scalar(text, 0);
    if (!scalar) {
        return failure(vm, "cannot parse char from empty string", "CharErrorKind::EmptyString");
    }
    if (scalar->length != text.size()) {
        return failure(vm, "too many characters in string", "TooManyChars");
    }
    return vm.make_ok(Value::of(scalar->scalar));
}

}  // namespace rb::rune
