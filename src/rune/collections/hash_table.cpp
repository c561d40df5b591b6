#include "rune/collections/hash_table.hpp"

#include "rune/runtime_error.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

namespace rb::rune {
namespace {

constexpr std::uint32_t nowhere = 0xFFFFFFFF;
constexpr std::uint32_t table_capacity_min = 8;
// Positions are 32 bits; the memory limit is reached long before.
constexpr std::uint64_t table_capacity_max = 1ULL << 27;

}  // namespace

HashTable::~HashTable() {
    if (entries_ != nullptr) heap_->free_buffer(entries_, capacity_ * sizeof(Entry));
    if (index_ != nullptr) {
        heap_->free_buffer(index_, (index_mask_ + 1ULL) * sizeof(std::uint32_t));
    }
}

std::uint32_t HashTable::position_of(Vm& vm, Value key, std::uint64_t hash) const {
    if (index_ == nullptr) return nowhere;
    for (std::uint64_t slot = hash & index_mask_; index_[slot] != 0;
         slot = (slot + 1) & index_mask_) {
        const std::uint32_t position = index_[slot] - 1;
        const Entry& entry = entries_[position];
        if (entry.is_live() && entry.hash == hash && vm.total_equal(entry.key, key)) {
            return position;
        }
    }
    return nowhere;
}

const HashTable::Entry* HashTable::find(Vm& vm, Value key) const {
    const std::uint32_t position = position_of(vm, key, vm.hash(key));
    return position == nowhere ? nullptr : &entries_[position];
}

std::optional<Value> HashTable::insert(Vm& vm, Value key, Value value) {
    const std::uint64_t hash = vm.hash(key);
    if (const std::uint32_t position = position_of(vm, key, hash); position != nowhere) {
        return std::exchange(entries_[position].value, value);
    }
    if (used_ == capacity_) {
        // Gaps first: a map that is filled and emptied in turns must not grow for ever.
        if (live_ < used_ / 2) {
            compact();
        } else {
            grow(std::max(table_capacity_min, capacity_ * 2));
        }
        rebuild_index();
    }
    entries_[used_] = {key, value, hash};
    ++live_;
    index_insert(used_++);
    return std::nullopt;
}

std::optional<Value> HashTable::remove(Vm& vm, Value key) {
    const std::uint32_t position = position_of(vm, key, vm.hash(key));
    if (position == nowhere) return std::nullopt;
    const Value value = entries_[position].value;
    // The index keeps pointing here, so that later keys of its chain are still found.
    entries_[position].key = Value::absent();
    entries_[position].value = Value::unit();
    if (--live_ < used_ / 2) {
        compact();
        rebuild_index();
    }
    return value;
}

void HashTable::clear() {
    used_ = 0;
    live_ = 0;
    if (index_ != nullptr) std::memset(index_, 0, (index_mask_ + 1ULL) * sizeof(std::uint32_t));
}

void HashTable::reserve(std::uint64_t count) {
    if (count <= capacity_) return;
    if (count > table_capacity_max) raise(ErrorKind::memory, "Map is too large");
    grow(static_cast<std::uint32_t>(count));
    rebuild_index();
}

void HashTable::trace(Tracer& tracer) const {
    for (std::uint32_t i = 0; i < used_; ++i) {
        tracer.visit(entries_[i].key);
        tracer.visit(entries_[i].value);
    }
}

void HashTable::grow(std::uint32_t capacity) {
    if (capacity > table_capacity_max) raise(ErrorKind::memory, "Map is too large");
    const std::uint32_t wanted = std::bit_ceil(capacity * 2);
    const std::size_t old_bytes =
        index_ == nullptr ? 0 : (index_mask_ + 1ULL) * sizeof(std::uint32_t);
    // The index first: after a failure in between it is only larger than it need be.
    index_ = static_cast<std::uint32_t*>(
        heap_->grow_buffer(index_, old_bytes, wanted * sizeof(std::uint32_t)));
    index_mask_ = wanted - 1;
    rebuild_index();
    entries_ = static_cast<Entry*>(
        heap_->grow_buffer(entries_, capacity_ * sizeof(Entry), capacity * sizeof(Entry)));
    capacity_ = capacity;
}

void HashTable::compact() {
    std::uint32_t to = 0;
    for (std::uint32_t from = 0; from < used_; ++from) {
        if (entries_[from].is_live()) entries_[to++] = entries_[from];
    }
    used_ = to;
}

void HashTable::rebuild_index() {
    std::memset(index_, 0, (index_mask_ + 1ULL) * sizeof(std::uint32_t));
    for (std::uint32_t i = 0; i < used_; ++i) index_insert(i);
}

void HashTable::index_insert(std::uint32_t position) {
    std::uint64_t slot = entries_[position].hash & index_mask_;
    while (index_[slot] != 0) slot = (slot + 1) & index_mask_;
    index_[slot] = position + 1;
}

}  // namespace rb::rune
