// What literal tokens mean.

#pragma once

#include "rune/syntax/ast.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace rb::rune {

// A number as written, with the sign of a directly preceding `-`. Nothing, with `why`, when it is
// malformed or does not fit its type.
std::optional<Literal> decode_number(std::string_view text, bool negative, std::string& why);

enum class EscapeMode : std::uint8_t { text, bytes, template_text };

// The content between the quotes with its escapes resolved. On a bad escape: nothing, `why`, and
// its offset in `text`.
std::optional<std::string> unescape(std::string_view text, EscapeMode mode, std::string& why,
                                    std::size_t& offset);

}  // namespace rb::rune
