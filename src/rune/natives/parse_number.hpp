// Numbers out of strings, as `i64::parse(s)` and `s.parse::<i64>()` do.

#pragma once

#include "rune/value.hpp"

#include <string>
#include <string_view>

namespace rb::rune {

class Vm;

// What the Err of a failed parse holds.
struct ParseError {
    // DISPLAY: "invalid digit found in string".
    std::string message;
    // DEBUG: "ParseIntError { kind: InvalidDigit }".
    std::string debug;
};

// A Result value. `tag` is integer or unsigned_integer.
Value parse_integer(Vm& vm, std::string_view text, Tag tag);
Value parse_float(Vm& vm, std::string_view text);
Value parse_char(Vm& vm, std::string_view text);

}  // namespace rb::rune
