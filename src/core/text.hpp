// What several rules ask of text: valid UTF-8, its length in characters, no control characters.

#pragma once

#include "base/result.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace rb::core {

// Code points; nothing when `text` is not UTF-8 (RFC 3629: no overlong forms, no surrogates).
std::optional<std::size_t> count_characters(std::string_view text);

enum class LineBreaks { allowed, refused };

struct TextRule {
    std::string_view field;
    std::size_t chars_min = 0;
    std::size_t chars_max = 0;
    LineBreaks line_breaks = LineBreaks::refused;
};

// ERRORS: invalid_argument  not UTF-8, too short, too long, or control characters in it (tab and
// line
//                           breaks are allowed only where the rule says so)
Result<> check_text(std::string_view text, const TextRule& rule);

// ASCII letters only; what is not ASCII stays.
std::string to_lower_ascii(std::string_view text);
// Without blanks around it.
std::string_view trimmed(std::string_view text);

}  // namespace rb::core
