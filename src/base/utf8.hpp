// UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing beyond U+10FFFF.

#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace rb {

struct Utf8Character {
    char32_t code_point;
    std::size_t bytes;
};

// The character at the start; nothing where none is. REQUIRES: `text` is not empty
std::optional<Utf8Character> first_character(std::string_view text);

bool is_utf8(std::string_view bytes);

// Bytes that belong to no character become U+FFFD, each one: for what strangers send and we must
// repeat to those who read UTF-8.
std::string valid_utf8(std::string_view bytes);

}  // namespace rb
