// The methods that every native type has which implements a protocol: `clone` for clone, `lt` for
// partial_cmp, and so on.

#pragma once

#include "rune/native.hpp"
#include "rune/type_info.hpp"

#include <string_view>
#include <vector>

namespace rb::rune {

struct ImpliedMethod {
    Protocol protocol;
    std::string_view name;
    int parameters;
    NativeBody body;
};

std::vector<ImpliedMethod> implied_methods();

}  // namespace rb::rune
