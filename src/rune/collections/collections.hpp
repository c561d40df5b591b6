// std::collections: HashMap, HashSet and VecDeque. Maps and sets keep insertion order.

#pragma once

#include "rune/context.hpp"

namespace rb::rune {

// Part of the standard modules. Must be installed after the iterators, which it gives
// collect::<HashMap>() and its like.
Module collections_module();

// The three parts, each adding its type to `collections`.
void declare_hash_map(Module& collections);
void declare_hash_set(Module& collections);
void declare_vec_deque(Module& collections);

}  // namespace rb::rune
