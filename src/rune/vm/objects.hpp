// The heap objects behind references, one struct per Kind. Engine-internal: hosts use Vm's methods.

#pragma once

#include "rune/native.hpp"
#include "rune/value.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

namespace rb::rune {

struct FunctionCode;
struct Shape;
struct TypeInfo;

// Kind::string. A literal borrows its text from the unit (capacity 0) until it is changed.
struct StringObject : HeapObject {
    char* data;
    std::uint32_t length;
    std::uint32_t capacity;
    [[nodiscard]] std::string_view view() const { return {data, length}; }
};

// Kind::bytes: the same layout.
struct BytesObject : StringObject {};

// Kind::key: the immutable text of an object's key, with its hash.
struct KeyObject : HeapObject {
    std::uint32_t length;
    std::uint32_t hash;
    [[nodiscard]] const char* text() const { return reinterpret_cast<const char*>(this + 1); }
    [[nodiscard]] char* text() { return reinterpret_cast<char*>(this + 1); }
    [[nodiscard]] std::string_view view() const { return {text(), length}; }
};

// Kind::vec.
struct VecObject : HeapObject {
    Value* items;
    std::uint32_t length;
    std::uint32_t capacity;
    [[nodiscard]] std::span<Value> span() const { return {items, length}; }
};

// Kind::tuple; the items follow the struct.
struct TupleObject : HeapObject {
    std::uint64_t length;
    [[nodiscard]] Value* items() const {
        return reinterpret_cast<Value*>(const_cast<TupleObject*>(this) + 1);
    }
    [[nodiscard]] std::span<Value> span() const { return {items(), length}; }
};

// Kind::object: insertion order kept. See object_table.hpp.
struct TableEntry {
    // Null for a removed one.
    KeyObject* key;
    Value value;
};
struct TableObject : HeapObject {
    TableEntry* entries;
    // Open addressing: positions in `entries` plus one; null while the table is small.
    std::uint32_t* index;
    // Entries used, removed ones included.
    std::uint32_t used;
    std::uint32_t live;
    std::uint32_t capacity;
    std::uint32_t index_mask;
};

// Kind::structure: a struct or a variant declared in the script; the fields follow.
struct StructObject : HeapObject {
    const Shape* shape;
    [[nodiscard]] Value* fields() const {
        return reinterpret_cast<Value*>(const_cast<StructObject*>(this) + 1);
    }
};

// Kind::variant: of the built-in enums; `detail` says which.
enum class BuiltinVariant : std::uint8_t { none, some, ok, err, yielded, complete, proceed, stop };
struct VariantObject : HeapObject {
    Value payload;
    [[nodiscard]] BuiltinVariant which() const { return static_cast<BuiltinVariant>(detail); }
};

// Kind::function; the captured values follow.
enum class FunctionSort : std::uint8_t { script, native, constructor, variant };
struct FunctionObject : HeapObject {
    union {
        const FunctionCode* script;
        const NativeFunction* native;
        const Shape* shape;
        BuiltinVariant variant;
    };
    std::uint64_t capture_count;
    [[nodiscard]] FunctionSort sort() const { return static_cast<FunctionSort>(detail); }
    [[nodiscard]] Value* captures() const {
        return reinterpret_cast<Value*>(const_cast<FunctionObject*>(this) + 1);
    }
};

// Kind::range.
enum class RangeKind : std::uint8_t { range, inclusive, from, to, to_inclusive, full };
struct RangeObject : HeapObject {
    Value start;
    Value end;
    [[nodiscard]] RangeKind range_kind() const { return static_cast<RangeKind>(detail); }
};

// What an iterator does that is not one of the plain sources. See iterators.hpp.
class IteratorState;

// Kind::iterator. The plain sources run inside the interpreter without a state.
enum class IteratorSource : std::uint8_t { state, vec, tuple, numbers };
struct IteratorObject : HeapObject {
    // Of vec and tuple: the container. Of numbers: unused.
    Value source;
    // Of numbers: the bounds, `back` exclusive, kept in the type of the range's start.
    std::int64_t front;
    std::int64_t back;
    IteratorState* state;
    // Of numbers: what the elements are.
    Tag element;
    // Of numbers: unbounded.
    bool endless;
    // A running `for` holds a read borrow on the source.
    bool borrows;
    // Of vec: its length when the iteration began.
    std::uint32_t length;
    [[nodiscard]] IteratorSource kind_of_source() const {
        return static_cast<IteratorSource>(detail);
    }
};

// Kind::generator (detail 1: a stream) and Kind::future: a suspended frame, or a native future.
enum class CoroutineState : std::uint8_t { fresh, suspended, running, completed };
struct CoroutineObject : HeapObject {
    const FunctionCode* code;
    Value* registers;
    NativeFuture* native;
    std::uint32_t pc;
    std::uint16_t resume_register;
    CoroutineState state;
};

// Kind::native.
struct NativeHolder : HeapObject {
    const TypeInfo* type;
    NativeObject* object;
    // Accounted for the object.
    std::uint64_t bytes;
};

}  // namespace rb::rune
