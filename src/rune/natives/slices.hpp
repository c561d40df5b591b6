// Ranges as indices.

#pragma once

#include "rune/value.hpp"

#include <cstddef>
#include <optional>

namespace rb::rune {

class Vm;

struct Slice {
    std::size_t start;
    std::size_t end;
};

// The part of a container of that length a range value names; nothing when it reaches outside.
// Raises type_mismatch for what is no range of integers.
std::optional<Slice> slice_of(Vm& vm, Value range, std::size_t length);
[[noreturn]] void slice_out_of_bounds(Vm& vm, Value range, std::size_t length);

}  // namespace rb::rune
