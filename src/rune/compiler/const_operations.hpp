// The operators on constants.

#pragma once

#include "rune/const_value.hpp"
#include "rune/syntax/ast.hpp"

#include <optional>
#include <string>

namespace rb::rune {

// Nothing, with `why`, for what overflows, divides by zero or is not supported.
std::optional<ConstValue> const_operation(BinaryOp op, const ConstValue& left,
                                          const ConstValue& right, std::string& why);

}  // namespace rb::rune
