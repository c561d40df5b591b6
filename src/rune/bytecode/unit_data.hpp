// Unit: the compiled program. Engine-internal; hosts see it through unit.hpp.

#pragma once

#include "rune/const_value.hpp"
#include "rune/context.hpp"
#include "rune/diagnostics.hpp"
#include "rune/shape.hpp"
#include "rune/syntax/ast.hpp"
#include "rune/type_info.hpp"
#include "rune/vm/objects.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace rb::rune {

enum class Opcode : std::uint16_t {
#define RUNE_OPCODE(name) name,
#include "rune/bytecode/opcodes.def"
#undef RUNE_OPCODE
};

struct Instruction {
    Opcode op;
    std::uint16_t a;
    std::uint16_t b;
    std::uint16_t c;

    // b and c together.
    [[nodiscard]] std::uint32_t wide() const {
        return static_cast<std::uint32_t>(b) | (static_cast<std::uint32_t>(c) << 16);
    }
    [[nodiscard]] std::int32_t signed_wide() const { return static_cast<std::int32_t>(wide()); }
    void set_wide(std::uint32_t value) {
        b = static_cast<std::uint16_t>(value);
        c = static_cast<std::uint16_t>(value >> 16);
    }
};
static_assert(sizeof(Instruction) == 8);

enum class CallSort : std::uint8_t { plain, generator, async, stream };

struct FunctionCode {
    std::string path;
    std::vector<Instruction> code;
    // One for each instruction.
    std::vector<Span> spans;
    std::uint16_t parameters = 0;
    // Copied behind the parameters at each call.
    std::uint16_t captures = 0;
    std::uint32_t registers = 0;
    CallSort sort = CallSort::plain;
    bool is_test = false;
    bool is_async = false;
    // May be named by the host.
    bool is_entry = false;
    Span span;
};

// A place where a field or method is named: what is looked up, and its cache slot.
struct Site {
    std::string name;
    // method_hash for methods, hash_text for fields.
    ItemHash hash = 0;
    const KeyObject* key = nullptr;
};

struct FormatStep {
    // Text when `argument` is negative.
    std::string text;
    std::int32_t argument = -1;
    FormatSpec spec;
};

struct KeyDeleter {
    void operator()(KeyObject* key) const;
};

class Unit {
public:
    std::shared_ptr<const Context> context;
    std::vector<Source> sources;
    std::deque<FunctionCode> functions;
    // Instructions of the longest one.
    std::size_t longest_code = 0;
    std::vector<Value> inline_constants;
    std::deque<std::string> strings;
    std::vector<ConstValue> constants;
    std::vector<const NativeFunction*> natives;
    // Those the sources declare.
    std::deque<Shape> own_shapes;
    // By the numbers in instructions: the own ones, and those of the context that are used.
    std::vector<const Shape*> shapes;
    std::deque<TypeInfo> types;
    std::unordered_map<ItemHash, const TypeInfo*> types_by_hash;
    std::vector<Site> sites;
    std::vector<std::vector<const KeyObject*>> key_lists;
    std::vector<std::vector<FormatStep>> formats;
    // Initial values of statics; nothing for uninitialised ones.
    std::vector<std::optional<ConstValue>> statics;
    std::vector<std::string> static_names;
    std::vector<std::unique_ptr<KeyObject, KeyDeleter>> keys;
    std::map<std::string, const FunctionCode*, std::less<>> entries;
};

// An immortal key.
std::unique_ptr<KeyObject, KeyDeleter> make_key(std::string_view text);
std::uint32_t key_hash(std::string_view text);

}  // namespace rb::rune
