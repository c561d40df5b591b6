#include "rune/collections/collections.hpp"

namespace rb::rune {

Module collections_module() {
    Module collections("std::collections");
    declare_hash_map(collections);
    declare_hash_set(collections);
    declare_vec_deque(collections);
    return collections;
}

}  // namespace rb::rune
