// The language's operators on values that are not two numbers of one kind, and its relations.

#pragma once

#include "rune/syntax/ast.hpp"
#include "rune/value.hpp"

#include <cstdint>
#include <optional>

namespace rb::rune {

class Vm;

// Raises overflow, division by zero, unsupported_operation …
Value binary_operation(Vm& vm, BinaryOp op, Value left, Value right);
// `left op= right`: in place for strings and natives that can; the result is what the place holds.
Value compound_operation(Vm& vm, BinaryOp op, Value left, Value right);
Value negate(Vm& vm, Value value);
Value invert(Vm& vm, Value value);
Value convert(Vm& vm, Value value, Tag target);

enum class Relation : std::uint8_t { partial, total };

bool values_equal(Vm& vm, Value left, Value right, Relation relation, int depth = 0);
// Nothing when unordered.
std::optional<int> compare_values(Vm& vm, Value left, Value right, Relation relation,
                                  int depth = 0);
std::uint64_t hash_value(Vm& vm, Value value, int depth = 0);
Value clone_value(Vm& vm, Value value, int depth = 0);

// An integer argument of either sign as i64 or u64; raises integer_conversion out of range.
std::int64_t to_signed(Vm& vm, Value value);
std::uint64_t to_unsigned(Vm& vm, Value value);

[[noreturn]] void unsupported(Vm& vm, BinaryOp op, Value left, Value right);
[[noreturn]] void mismatch(Vm& vm, std::string_view expected, Value found);

}  // namespace rb::rune
