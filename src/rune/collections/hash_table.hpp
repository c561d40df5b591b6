// The table behind HashMap and HashSet: any hashable value as key, insertion order kept. Its memory
// counts against the execution's limit.

#pragma once

#include "rune/native.hpp"
#include "rune/vm.hpp"
#include "rune/vm/heap.hpp"

#include <cstdint>
#include <optional>

namespace rb::rune {

class HashTable {
public:
    struct Entry {
        // Tag absent for a removed one.
        Value key;
        Value value;
        std::uint64_t hash;
        [[nodiscard]] bool is_live() const { return key.tag != Tag::absent; }
    };

    explicit HashTable(Heap& heap) : heap_(&heap) {}
    ~HashTable();
    HashTable(const HashTable&) = delete;
    HashTable& operator=(const HashTable&) = delete;

    // All raise what hashing or comparing the key raises (a bool, NaN, mixed integers).
    [[nodiscard]] const Entry* find(Vm& vm, Value key) const;
    // Sets the value and returns the one it replaces.
    std::optional<Value> insert(Vm& vm, Value key, Value value);
    std::optional<Value> remove(Vm& vm, Value key);

    void clear();
    // Raises `memory`.
    void reserve(std::uint64_t count);
    [[nodiscard]] std::uint32_t size() const { return live_; }
    [[nodiscard]] std::uint32_t capacity() const { return capacity_; }

    // Entries in insertion order, removed ones included: walk 0 … used().
    [[nodiscard]] std::uint32_t used() const { return used_; }
    [[nodiscard]] const Entry& entry(std::uint32_t position) const { return entries_[position]; }

    void trace(Tracer& tracer) const;

private:
    [[nodiscard]] std::uint32_t position_of(Vm& vm, Value key, std::uint64_t hash) const;
    void grow(std::uint32_t capacity);
    void compact();
    void rebuild_index();
    void index_insert(std::uint32_t position);

    Heap* heap_;
    Entry* entries_ = nullptr;
    // Open addressing over positions plus one; twice the capacity of `entries_`.
    std::uint32_t* index_ = nullptr;
    std::uint32_t used_ = 0;
    std::uint32_t live_ = 0;
    std::uint32_t capacity_ = 0;
    std::uint32_t index_mask_ = 0;
};

}  // namespace rb::rune
