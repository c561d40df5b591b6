// Iteration over the entries of a HashTable, in insertion order.

#pragma once

#include "rune/collections/hash_table.hpp"
#include "rune/value.hpp"

#include <cstdint>

namespace rb::rune {

// What of each entry an iteration yields; a pair is a tuple of two.
enum class EntryPart : std::uint8_t { pair, key, value };

// A new iterator over `table`, which belongs to the native object `owner`. While a `for` runs over
// it, the owner cannot be changed.
Value iterate_table(Vm& vm, Value owner, const HashTable& table, EntryPart part);

}  // namespace rb::rune
