// What a constant weighs: uses of a constant copy its value, and copies are paid for.

#pragma once

#include "rune/const_value.hpp"

#include <cstdint>

namespace rb::rune {

// The steps that copying the value costs, what it shares counted at each place; negative when it
// nests deeper than a native stack can copy and destroy, or costs more than all constants may.
std::int64_t const_weight(const ConstValue& value);

}  // namespace rb::rune
