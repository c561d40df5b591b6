// Enumerations whose values are spelled as on the wire and in the database: one list of words per
// enumeration, in the order of its values.
//
//     enum class Colour { red, green };
//     template <> struct EnumNames<Colour> { static constexpr std::array names = {"red"sv, …}; };

#pragma once

#include "base/result.hpp"

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

namespace rb::core {

template <typename Enum>
struct EnumNames;

template <typename Enum>
concept NamedEnum = std::is_enum_v<Enum> && requires {
    EnumNames<Enum>::names.size();
};

template <NamedEnum Enum>
constexpr std::string_view name_of(Enum value) {
    return EnumNames<Enum>::names[static_cast<std::size_t>(value)];
}

template <NamedEnum Enum>
constexpr std::optional<Enum> find_enum(std::string_view name) {
    for (std::size_t index = 0; index < EnumNames<Enum>::names.size(); ++index) {
        if (EnumNames<Enum>::names[index] == name) return static_cast<Enum>(index);
    }
    return std::nullopt;
}

// ERRORS: invalid_argument  `name` is none of the words, which the message lists
template <NamedEnum Enum>
Result<Enum> parse_enum(std::string_view name, std::string_view field) {
    if (const auto value = find_enum<Enum>(name)) return *value;
    std::string rule = "must be one of";
    for (const auto word : EnumNames<Enum>::names) rule += " " + std::string(word);
    return invalid_field(std::string(field), std::move(rule));
}

}  // namespace rb::core
