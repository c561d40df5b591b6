// The steps of the interpreter's loop that need no call: inlined into it, with what they raise kept
// out of its way.

#pragma once

#include "rune/runtime_error.hpp"
#include "rune/value.hpp"
#include "rune/vm/objects.hpp"

#include <cstdint>
#include <string>

namespace rb::rune {

[[noreturn, gnu::cold]] inline void raise_overflow() {
    raise(ErrorKind::overflow, "Numerical overflow");
}
[[noreturn, gnu::cold]] inline void raise_underflow() {
    raise(ErrorKind::underflow, "Numerical underflow");
}
[[noreturn, gnu::cold]] inline void raise_division() {
    raise(ErrorKind::divide_by_zero, "Division by zero");
}

[[noreturn, gnu::cold]] inline void raise_count(int given, int expected) {
    raise(ErrorKind::argument_count, "Wrong number of arguments " + std::to_string(given) +
                                         ", expected " + std::to_string(expected));
}

[[gnu::always_inline]] inline bool both(Value left, Value right, Tag tag) {
    return left.tag == tag && right.tag == tag;
}

// Where the field is whose owner (a shape, or the key in a table) a cache remembers; null when the
// object is another.
[[gnu::always_inline]] inline Value* cached_field(Value object, const void* owner,
                                                  std::uint32_t slot) {
    if (object.tag != Tag::heap) return nullptr;
    if (object.object->kind == Kind::structure) {
        auto* structure = static_cast<StructObject*>(object.object);
        if (structure->shape == owner) return &structure->fields()[slot];
    } else if (object.object->kind == Kind::object) {
        auto* table = static_cast<TableObject*>(object.object);
        if (slot < table->used && table->entries[slot].key == owner) {
            return &table->entries[slot].value;
        }
    }
    return nullptr;
}

// The element of a Vec at an integer; null for all else.
[[gnu::always_inline]] inline Value* vec_place(Value container, Value key) {
    if (!container.is(Kind::vec)) return nullptr;
    if (key.tag != Tag::integer && key.tag != Tag::unsigned_integer) return nullptr;
    const auto* vec = static_cast<VecObject*>(container.object);
    // A negative i64 is beyond every length as well.
    return key.unsigned_integer < vec->length ? &vec->items[key.unsigned_integer] : nullptr;
}

// The element of a range at `current`, which goes on to the next.
[[gnu::always_inline]] inline Value advance(Value& current) {
    const Value item = current;
    if (current.tag == Tag::character) {
        current.character = current.character == 0xD7FF ? 0xE000 : current.character + 1;
    } else {
        ++current.unsigned_integer;
    }
    return item;
}

}  // namespace rb::rune
