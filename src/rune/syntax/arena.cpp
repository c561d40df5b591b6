#include "rune/syntax/arena.hpp"

#include <algorithm>

namespace rb::rune {

void* Arena::allocate(std::size_t bytes, std::size_t align) {
    used_ = (used_ + align - 1) & ~(align - 1);
    if (used_ + bytes > size_) {
        size_ = std::max<std::size_t>(bytes, 32UL * 1024);
        blocks_.push_back(std::make_unique_for_overwrite<std::byte[]>(size_));
        used_ = 0;
    }
    void* place = blocks_.back().get() + used_;
    used_ += bytes;
    return place;
}

}  // namespace rb::rune
