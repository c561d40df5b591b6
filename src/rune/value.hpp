// Value: sixteen bytes, either an inline value (copied) or a reference to an object in the heap of
// one Vm (shared).
//
// A Value with a reference is valid on the thread of its Vm and as long as that object is
// reachable: from the arguments of a running native, from a C++ local while a native runs (the
// collector scans the native stack), or through a Root (vm.hpp). Values stored in C++ containers or
// in members must be covered by a Root, a RootVector, or the trace() of a native object.

#pragma once

#include <cstdint>
#include <string_view>

namespace rb::rune {

// Identity of a type or item: a hash of its full path.
using ItemHash = std::uint64_t;

constexpr ItemHash hash_text(std::string_view text, ItemHash seed = 14695981039346656037ULL) {
    ItemHash hash = seed;
    for (const char byte : text) {
        hash = (hash ^ static_cast<unsigned char>(byte)) * 1099511628211ULL;
    }
    return hash ^ (hash >> 29);
}

enum class Tag : std::uint8_t {
    unit,
    boolean,
    character,
    integer,
    unsigned_integer,
    floating,
    type,
    ordering,
    hash,
    // A static that was never given a value; not visible to scripts.
    absent,
    heap,
};

// What a heap object is. `moved` replaces the kind of an object whose content was taken.
enum class Kind : std::uint8_t {
    free_cell,
    moved,
    string,
    bytes,
    vec,
    tuple,
    object,
    structure,
    variant,
    function,
    range,
    iterator,
    generator,
    future,
    native,
    key,
};

struct HeapObject;

struct Value {
    union {
        bool boolean;
        char32_t character;
        std::int64_t integer;
        std::uint64_t unsigned_integer;
        double floating;
        // tag type: the type's hash; tag hash: the hash.
        ItemHash hash;
        HeapObject* object;
    };
    Tag tag;

    constexpr Value() : unsigned_integer(0), tag(Tag::unit) {}
    static constexpr Value unit() { return {}; }
    static constexpr Value of(bool value) {
        Value result;
        result.boolean = value;
        result.tag = Tag::boolean;
        return result;
    }
    static constexpr Value of(char32_t value) {
        Value result;
        result.character = value;
        result.tag = Tag::character;
        return result;
    }
    static constexpr Value of(std::int64_t value) {
        Value result;
        result.integer = value;
        result.tag = Tag::integer;
        return result;
    }
    static constexpr Value of(std::uint64_t value) {
        Value result;
        result.unsigned_integer = value;
        result.tag = Tag::unsigned_integer;
        return result;
    }
    static constexpr Value of(double value) {
        Value result;
        result.floating = value;
        result.tag = Tag::floating;
        return result;
    }
    static constexpr Value type(ItemHash type) {
        Value result;
        result.hash = type;
        result.tag = Tag::type;
        return result;
    }
    // -1, 0 and 1 stand for Less, Equal and Greater.
    static constexpr Value ordering(int sign) {
        Value result;
        result.integer = sign;
        result.tag = Tag::ordering;
        return result;
    }
    static constexpr Value absent() {
        Value result;
        result.tag = Tag::absent;
        return result;
    }
    static constexpr Value reference(HeapObject* object) {
        Value result;
        result.object = object;
        result.tag = Tag::heap;
        return result;
    }

    [[nodiscard]] constexpr bool is_unit() const { return tag == Tag::unit; }
    [[nodiscard]] constexpr bool is_heap() const { return tag == Tag::heap; }
    [[nodiscard]] constexpr bool is_integer() const { return tag == Tag::integer; }
    [[nodiscard]] constexpr bool is_unsigned() const { return tag == Tag::unsigned_integer; }
    [[nodiscard]] constexpr bool is_true() const { return tag == Tag::boolean && boolean; }
    // Whether this refers to an object of that kind.
    [[nodiscard]] inline bool is(Kind kind) const;
};

static_assert(sizeof(Value) == 16);

// In front of every heap object.
struct HeapObject {
    Kind kind = Kind::free_cell;
    std::uint8_t mark = 0;
    // Immortal objects belong to a unit or are shared within an execution; they are never written.
    std::uint8_t immortal = 0;
    // Meaning depends on the kind (which variant, which range).
    std::uint8_t detail = 0;
    // 0: free. n > 0: n readers (iterations). -1: one writer.
    std::int32_t borrow = 0;
};

inline bool Value::is(Kind kind) const {
    return tag == Tag::heap && object->kind == kind;
}

}  // namespace rb::rune
