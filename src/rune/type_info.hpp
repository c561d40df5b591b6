// TypeInfo: what is known of a type at run time, native or declared in a script.

#pragma once

#include "rune/native.hpp"
#include "rune/value.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

namespace rb::rune {

enum class Protocol : std::uint8_t {
#define RUNE_PROTOCOL(name, arguments) name,
#include "rune/protocols.def"
#undef RUNE_PROTOCOL
};

inline constexpr std::size_t protocol_count = 0
#define RUNE_PROTOCOL(name, arguments) +1
#include "rune/protocols.def"
#undef RUNE_PROTOCOL
    ;

struct FunctionCode;

// A method: exactly one of the two is set.
struct Callee {
    const NativeFunction* native = nullptr;
    const FunctionCode* script = nullptr;
};

struct TypeInfo {
    ItemHash hash = 0;
    // "::std::string::String", "shop::Invoice".
    std::string path;
    // As error messages name it: "String", "shop::Invoice".
    std::string name;
    // By method_hash().
    std::unordered_map<ItemHash, Callee> methods;
    // By hash_text(field name).
    std::unordered_map<ItemHash, const NativeFunction*> getters;
    std::unordered_map<ItemHash, const NativeFunction*> setters;
    std::array<const NativeFunction*, protocol_count> protocols{};

    [[nodiscard]] const NativeFunction* protocol(Protocol which) const {
        return protocols[static_cast<std::size_t>(which)];
    }
};

// Identity of a method: its name, and the type argument of a turbofish where it has one
// (`collect::<Vec>` and `collect::<String>` are two methods).
constexpr ItemHash method_hash(std::string_view name, ItemHash type_argument = 0) {
    const ItemHash hash = hash_text(name);
    return type_argument == 0 ? hash : hash ^ (type_argument * 0x9E3779B97F4A7C15ULL);
}

// Hash of a type's path, written with its crate ("::std::string::String").
constexpr ItemHash type_hash(std::string_view path) {
    return hash_text(path);
}

}  // namespace rb::rune
