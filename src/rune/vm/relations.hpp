// What relates values: equality, order and hashes; and clones, which are equal.
//
// The partial relation is that of `==` and `<`, the total one that of keys and of sorting. Each
// raises nesting for values that nest too deep, and unsupported_operation for what is not related.

#pragma once

#include "rune/syntax/ast.hpp"
#include "rune/value.hpp"

#include <cstdint>
#include <optional>

namespace rb::rune {

class Vm;

enum class Relation : std::uint8_t { partial, total };

bool values_equal(Vm& vm, Value left, Value right, Relation relation, int depth = 0);
// Nothing when unordered.
std::optional<int> compare_values(Vm& vm, Value left, Value right, Relation relation,
                                  int depth = 0);
std::uint64_t hash_value(Vm& vm, Value value, int depth = 0);
Value clone_value(Vm& vm, Value value, int depth = 0);

// Whether `left op right`; an error names the operator that was written.
// REQUIRES: `op` is a comparison.
bool relation_holds(Vm& vm, BinaryOp op, Value left, Value right);

}  // namespace rb::rune
