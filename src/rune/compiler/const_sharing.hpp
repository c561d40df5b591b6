// What several names share while a constant is evaluated.

#pragma once

#include "rune/const_value.hpp"

namespace rb::rune {

// The value itself, whoever shares it.
ConstValue& seen(ConstValue& value);
// Whether a further name for it is no copy: texts and containers.
bool is_shareable(const ConstValue& value);
// A copy that shares nothing. REQUIRES: const_weight() is not negative
ConstValue copy_of(const ConstValue& value);

}  // namespace rb::rune
