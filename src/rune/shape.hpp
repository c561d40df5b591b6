// Shape: the layout of a struct, or of one variant of an enum, whether a script or a host module
// declared it. Values of a shape are StructObjects; two values have the same shape when they point
// to the same Shape.

#pragma once

#include "rune/type_info.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace rb::rune {

enum class ShapeKind : std::uint8_t { unit, tuple, named };

struct Shape {
    const TypeInfo* type = nullptr;
    // As debug forms and messages show it; of a variant with the variant's name.
    std::string path;
    ShapeKind kind = ShapeKind::unit;
    // Names; empty texts for tuples.
    std::vector<std::string> fields;
    // Position in the enum; orders the variants.
    std::uint32_t variant = 0;
    bool is_variant = false;
};

}  // namespace rb::rune
