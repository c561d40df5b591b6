// State machines are tables (architecture, decision 5): the pairs a status may go through. The
// database holds the same pairs, and a test compares the two.

#pragma once

#include "core/named_enum.hpp"

#include <utility>

namespace rb::core {

// Staying where one is is always allowed.
template <NamedEnum Status, std::size_t size>
constexpr bool allows(const std::array<std::pair<Status, Status>, size>& table, Status from,
                      Status to) {
    if (from == to) return true;
    for (const auto& [left, right] : table) {
        if (left == from && right == to) return true;
    }
    return false;
}

}  // namespace rb::core
