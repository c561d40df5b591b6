// The table behind `#{}`: a list of entries in insertion order, with a hash index once it is large.
// Removed entries stay as gaps until the table grows or half of it are gaps.

#pragma once

#include "rune/vm/heap.hpp"
#include "rune/vm/objects.hpp"

#include <cstdint>
#include <string_view>

namespace rb::rune {

inline constexpr std::uint32_t not_found = 0xFFFFFFFF;

// Position of the key's entry, or not_found.
std::uint32_t table_find(const TableObject& table, std::string_view key, std::uint32_t hash);
inline std::uint32_t table_find(const TableObject& table, const KeyObject& key) {
    return table_find(table, key.view(), key.hash);
}
// Sets or appends. Raises `memory`.
void table_set(Heap& heap, TableObject& table, KeyObject* key, Value value);
// REQUIRES: `position` was found.
void table_erase(TableObject& table, std::uint32_t position);
void table_clear(TableObject& table);
void table_reserve(Heap& heap, TableObject& table, std::uint32_t capacity);
// A key of this heap.
KeyObject* make_heap_key(Heap& heap, std::string_view text);

}  // namespace rb::rune
