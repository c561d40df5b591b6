#include "rune/macro.hpp"

#include "rune/limits.hpp"
#include "rune/syntax/expansion.hpp"
#include "rune/syntax/lexer.hpp"

#include <memory>

namespace rb::rune {

namespace {

MacroTokenKind kind_of(TokenKind kind) {
    switch (kind) {
        case TokenKind::number:
        case TokenKind::string:
        case TokenKind::byte_string:
        case TokenKind::character:
        case TokenKind::byte:
        case TokenKind::template_open:
            return MacroTokenKind::literal;
        case TokenKind::label:
            return MacroTokenKind::label;
        case TokenKind::open_paren:
        case TokenKind::open_bracket:
        case TokenKind::open_brace:
            return MacroTokenKind::open;
        case TokenKind::close_paren:
        case TokenKind::close_bracket:
        case TokenKind::close_brace:
            return MacroTokenKind::close;
        case TokenKind::identifier:
        case TokenKind::underscore:
            return MacroTokenKind::word;
        default:
            return is_keyword(kind) ? MacroTokenKind::word : MacroTokenKind::punctuation;
    }
}

// The token behind the template that begins at `from`.
std::size_t behind_template(const std::vector<Token>& tokens, std::size_t from, std::size_t to) {
    int depth = 0;
    std::size_t at = from;
    do {
        if (tokens[at].kind == TokenKind::template_open) ++depth;
        if (tokens[at].kind == TokenKind::template_close) --depth;
        ++at;
    } while (depth > 0 && at < to);
    return at;
}

}  // namespace

TokenStream& TokenStream::operator+=(const TokenStream& other) {
    // A stream may be added to itself.
    const std::size_t count = other.tokens_.size();
    for (std::size_t i = 0; i < count; ++i) tokens_.push_back(MacroToken(other.tokens_[i]));
    return *this;
}

TokenStream& TokenStream::operator+=(MacroToken token) {
    tokens_.push_back(std::move(token));
    return *this;
}

std::string TokenStream::to_string() const {
    std::string text;
    for (const MacroToken& token : tokens_) {
        if (!text.empty()) text += ' ';
        text += token.text;
    }
    return text;
}

TokenStream macro_tokens(std::string_view text, std::uint32_t source,
                         const std::vector<Token>& tokens, std::size_t from, std::size_t to) {
    TokenStream stream;
    for (std::size_t i = from; i < to;) {
        const Token& first = tokens[i];
        if (first.kind == TokenKind::outer_doc || first.kind == TokenKind::inner_doc) {
            ++i;
            continue;
        }
        i = first.kind == TokenKind::template_open ? behind_template(tokens, i, to) : i + 1;
        const std::uint32_t end = tokens[i - 1].end;
        stream += MacroToken{.kind = kind_of(first.kind),
                             .text = std::string(text.substr(first.start, end - first.start)),
                             .span = {first.start, end, source}};
    }
    return stream;
}

Source expansion_source(const std::string& macro, Span call, const TokenStream& result) {
    auto expansion = std::make_shared<Expansion>();
    expansion->macro = macro;
    expansion->call = call;
    std::string text;
    for (const MacroToken& token : result.tokens()) {
        if (!text.empty()) text += ' ';
        const auto start = static_cast<std::uint32_t>(text.size());
        text += token.text;
        if (token.span.source != MacroToken::no_source) {
            expansion->pieces.push_back(
                {start, static_cast<std::uint32_t>(text.size()), token.span});
        }
    }
    return {.name = "<" + macro + "!>", .text = std::move(text), .expansion = std::move(expansion)};
}

TokenStream MacroCall::quote(std::string_view text) const {
    if (text.size() > source_bytes_max) fail("the macro makes too much text");
    const std::vector<Source> sources = {{"quote", std::string(text)}};
    DiagnosticSink sink(sources);
    const std::vector<Token> tokens = tokenize(sources[0].text, 0, sink);
    if (sink.has_errors()) fail("the macro quotes what is no Rune: " + sink.take()[0].message);
    // The last token is the end.
    TokenStream read =
        macro_tokens(sources[0].text, MacroToken::no_source, tokens, 0, tokens.size() - 1);
    return read;
}

MacroToken MacroCall::string_literal(std::string_view text) {
    std::string literal = "\"";
    for (const char byte : text) {
        const auto code = static_cast<unsigned char>(byte);
        if (byte == '"' || byte == '\\') {
            literal += '\\';
            literal += byte;
        } else if (code < 0x20 || code == 0x7F) {
            constexpr char digits[] = "0123456789abcdef";
            literal += "\\x";
            literal += digits[code >> 4];
            literal += digits[code & 15];
        } else {
            literal += byte;
        }
    }
    literal += '"';
    return {.kind = MacroTokenKind::literal, .text = std::move(literal)};
}

std::vector<TokenStream> MacroCall::split(std::string_view separator) const {
    std::vector<TokenStream> parts;
    TokenStream part;
    int depth = 0;
    for (const MacroToken& token : tokens.tokens()) {
        if (token.kind == MacroTokenKind::open) ++depth;
        if (token.kind == MacroTokenKind::close) --depth;
        if (depth == 0 && token.text == separator) {
            parts.push_back(std::move(part));
            part = {};
        } else {
            part += token;
        }
    }
    if (!part.empty()) parts.push_back(std::move(part));
    return parts;
}

void MacroCall::fail(std::string message) const {
    throw MacroError{std::move(message), span};
}

void MacroCall::fail(std::string message, const MacroToken& at) const {
    throw MacroError{std::move(message), at.span.source == MacroToken::no_source ? span : at.span};
}

}  // namespace rb::rune
