#include "rune/vm/object_table.hpp"

#include "rune/bytecode/unit_data.hpp"
#include "rune/runtime_error.hpp"

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <new>

namespace rb::rune {

namespace {

// Up to here a scan beats a hash index.
constexpr std::uint32_t scan_max = 8;

bool same(const KeyObject& key, std::string_view text, std::uint32_t hash) {
    return key.hash == hash && key.view() == text;
}

void index_insert(TableObject& table, std::uint32_t position) {
    std::uint32_t slot = table.entries[position].key->hash & table.index_mask;
    while (table.index[slot] != 0) slot = (slot + 1) & table.index_mask;
    table.index[slot] = position + 1;
}

void compact(TableObject& table) {
    std::uint32_t to = 0;
    for (std::uint32_t from = 0; from < table.used; ++from) {
        if (table.entries[from].key != nullptr) table.entries[to++] = table.entries[from];
    }
    table.used = to;
}

// REQUIRES: no gaps.
void rebuild_index(TableObject& table) {
    std::memset(table.index, 0, (table.index_mask + 1ULL) * sizeof(std::uint32_t));
    for (std::uint32_t i = 0; i < table.used; ++i) index_insert(table, i);
}

// Closes the gaps as well. A failure leaves the table as it was, or with a larger index.
void grow(Heap& heap, TableObject& table, std::uint32_t capacity) {
    // Half of what 32-bit positions can hold; the memory limit is far below.
    if (capacity > std::numeric_limits<std::uint32_t>::max() / 4) {
        raise(ErrorKind::memory, "Object is too large");
    }
    if (capacity > scan_max) {
        const std::uint32_t wanted = std::bit_ceil(std::max<std::uint32_t>(capacity * 2, 16));
        const std::size_t old_bytes =
            table.index == nullptr ? 0 : (table.index_mask + 1ULL) * sizeof(std::uint32_t);
        table.index = static_cast<std::uint32_t*>(
            heap.grow_buffer(table.index, old_bytes, wanted * sizeof(std::uint32_t)));
        table.index_mask = wanted - 1;
        compact(table);
        rebuild_index(table);
    }
    table.entries = static_cast<TableEntry*>(heap.grow_buffer(
        table.entries, table.capacity * sizeof(TableEntry), capacity * sizeof(TableEntry)));
    table.capacity = capacity;
}

}  // namespace

std::uint32_t key_hash(std::string_view text) {
    std::uint64_t hash = 0x9E3779B97F4A7C15ULL ^ text.size();
    const char* at = text.data();
    std::size_t left = text.size();
    while (left >= 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, at, 8);
        hash = (hash ^ word) * 0xD6E8FEB86659FD93ULL;
        hash ^= hash >> 32;
        at += 8;
        left -= 8;
    }
    std::uint64_t word = 0;
    std::memcpy(&word, at, left);
    hash = (hash ^ word) * 0xD6E8FEB86659FD93ULL;
    hash ^= hash >> 29;
    hash *= 0xD6E8FEB86659FD93ULL;
    return static_cast<std::uint32_t>(hash >> 32);
}

std::uint32_t table_find(const TableObject& table, std::string_view key, std::uint32_t hash) {
    if (table.index == nullptr) {
        for (std::uint32_t i = 0; i < table.used; ++i) {
            const KeyObject* candidate = table.entries[i].key;
            if (candidate != nullptr && same(*candidate, key, hash)) return i;
        }
        return not_found;
    }
    for (std::uint32_t slot = hash & table.index_mask; table.index[slot] != 0;
         slot = (slot + 1) & table.index_mask) {
        const std::uint32_t position = table.index[slot] - 1;
        const KeyObject* candidate = table.entries[position].key;
        if (candidate != nullptr && same(*candidate, key, hash)) return position;
    }
    return not_found;
}

void table_reserve(Heap& heap, TableObject& table, std::uint32_t capacity) {
    if (capacity <= table.capacity) return;
    grow(heap, table, capacity);
}

void table_set(Heap& heap, TableObject& table, KeyObject* key, Value value) {
    const std::uint32_t found = table_find(table, *key);
    if (found != not_found) {
        table.entries[found].value = value;
        return;
    }
    if (table.used == table.capacity) {
        const bool gaps = table.live < table.used / 2;
        if (gaps) {
            compact(table);
            if (table.index != nullptr) rebuild_index(table);
        } else {
            grow(heap, table, std::max<std::uint32_t>(4, table.capacity * 2));
        }
    }
    table.entries[table.used] = {key, value};
    ++table.live;
    ++table.used;
    if (table.index != nullptr) index_insert(table, table.used - 1);
}

void table_erase(TableObject& table, std::uint32_t position) {
    --table.live;
    if (table.index == nullptr) {
        std::copy(table.entries + position + 1, table.entries + table.used,
                  table.entries + position);
        --table.used;
        return;
    }
    // The index keeps pointing at the gap, so that later keys of its chain are still found.
    table.entries[position] = {nullptr, Value::unit()};
    if (table.live < table.used / 2) {
        compact(table);
        rebuild_index(table);
    }
}

void table_clear(TableObject& table) {
    table.used = 0;
    table.live = 0;
    if (table.index != nullptr) {
        std::memset(table.index, 0, (table.index_mask + 1ULL) * sizeof(std::uint32_t));
    }
}

KeyObject* make_heap_key(Heap& heap, std::string_view text) {
    auto* key = heap.make<KeyObject>(Kind::key, text.size());
    key->length = static_cast<std::uint32_t>(text.size());
    key->hash = key_hash(text);
    std::memcpy(key->text(), text.data(), text.size());
    return key;
}

void KeyDeleter::operator()(KeyObject* key) const {
    std::free(key);
}

std::unique_ptr<KeyObject, KeyDeleter> make_key(std::string_view text) {
    void* memory = std::calloc(1, sizeof(KeyObject) + text.size());
    if (memory == nullptr) throw std::bad_alloc();
    std::unique_ptr<KeyObject, KeyDeleter> key(static_cast<KeyObject*>(memory));
    key->kind = Kind::key;
    key->immortal = 1;
    key->length = static_cast<std::uint32_t>(text.size());
    key->hash = key_hash(text);
    std::memcpy(key->text(), text.data(), text.size());
    return key;
}

}  // namespace rb::rune
