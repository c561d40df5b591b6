#include "base/utf8.hpp"

#include <cstdint>

namespace rb {

std::optional<Utf8Character> first_character(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
    const std::uint8_t first = byte(0);
    if (first < 0x80) return Utf8Character{first, 1};
    const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4 || text.size() < length) return std::nullopt;

    auto code_point = static_cast<char32_t>(first & (0xFFu >> (length + 1)));
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xC0) != 0x80) return std::nullopt;
        code_point = (code_point << 6) | (byte(i) & 0x3Fu);
    }
    constexpr char32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    const bool is_surrogate = code_point >= 0xD800 && code_point <= 0xDFFF;
    if (code_point < smallest[length] || code_point > 0x10FFFF || is_surrogate) return std::nullopt;
    return Utf8Character{code_point, length};
}

bool is_utf8(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto character = first_character(bytes);
        if (!character) return false;
        bytes.remove_prefix(character->bytes);
    }
    return true;
}

std::string valid_utf8(std::string_view bytes) {
    std::string text;
    text.reserve(bytes.size());
    while (!bytes.empty()) {
        const auto character = first_character(bytes);
        const std::size_t taken = character ? character->bytes : 1;
        text.append(character ? bytes.substr(0, taken) : "\uFFFD");
        bytes.remove_prefix(taken);
    }
    return text;
}

}  // namespace rb
