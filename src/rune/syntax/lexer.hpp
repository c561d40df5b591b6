// Lexer: from text to tokens. White space and comments vanish; doc comments become tokens.
//
// A template `a ${x} b` becomes template_open, then template_text and hole_open … hole_close in
// turns, then template_close; the tokens of a hole are those of any expression, so templates nest.
// The token kinds of literals only mark their extent; their content is decoded by literals.hpp.

#pragma once

#include "rune/diagnostics.hpp"

#include <cstdint>
#include <string_view>
#include <vector>

namespace rb::rune {

enum class TokenKind : std::uint8_t {
    end,
    error,
    identifier,
    underscore,
    number,
    string,
    byte_string,
    character,
    byte,
    label,
    template_open,
    template_text,
    hole_open,
    hole_close,
    template_close,
    // `///` and `/** */`; `//!` and `/*! */`.
    outer_doc,
    inner_doc,
#define RUNE_KEYWORD(name, text) name,
#define RUNE_PUNCT(name, text) name,
#include "rune/syntax/tokens.def"
};

struct Token {
    TokenKind kind = TokenKind::end;
    std::uint32_t start = 0;
    std::uint32_t end = 0;
};

// How a kind reads in a message ("`;`", "identifier").
std::string_view describe(TokenKind kind);
[[nodiscard]] bool is_keyword(TokenKind kind);

// Whether the first line is for the system (`#!/usr/bin/rune`): a comment, whatever it holds.
bool begins_with_shebang(std::string_view text);

// All tokens of `text`, the last one being `end`. Reports what is no token to `sink` and goes on.
// REQUIRES: text.size() <= source_bytes_max.
std::vector<Token> tokenize(std::string_view text, std::uint32_t source, DiagnosticSink& sink);

}  // namespace rb::rune
