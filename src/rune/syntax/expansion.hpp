// What links the text a macro made to the script that called it. Engine-internal.

#pragma once

#include "rune/diagnostics.hpp"
#include "rune/macro.hpp"
#include "rune/syntax/lexer.hpp"

#include <string>
#include <vector>

namespace rb::rune {

// Of a Source that holds the result of a macro.
struct Expansion {
    struct Piece {
        std::uint32_t start;
        std::uint32_t end;
        Span origin;
    };
    std::string macro;
    Span call;
    // Tokens that were taken from the call, in order.
    std::vector<Piece> pieces = {};
};

// The tokens [from, to) of a source as a macro sees them; a template is one token, doc comments are
// left out.
TokenStream macro_tokens(std::string_view text, std::uint32_t source,
                         const std::vector<Token>& tokens, std::size_t from, std::size_t to);

// The result of a macro as a source of its own.
Source expansion_source(const std::string& macro, Span call, const TokenStream& result);

}  // namespace rb::rune
