// Macros of a host: from the tokens of a script to other tokens, when the script is compiled.
//
//   shop.macro("maximum", [](MacroCall& call) {
//       std::vector<TokenStream> arguments = call.split(",");
//       if (arguments.size() != 2) call.fail("expected two values");
//       TokenStream result = call.quote("{ let left =");
//       result += arguments[0];
//       …
//       return result;
//   });
//
// `shop::maximum!(a, b)`, or after a `use` in the same file `maximum!(a, b)`, then stands for the
// content of a block made of the returned tokens: statements, and a value at the end. An attribute
// macro, `#[shop::logged(level = 2)] fn f() {}`, gets the tokens of the item as well and returns
// the one item that takes its place.
//
// Names in a result mean what they mean where the macro was called. Errors and traces show the
// place a token was taken from, or the call where the macro made it up. Results may call macros in
// turn, as deep as a source may nest. A macro runs on the thread that compiles, possibly on several
// at once, and must return the same tokens for the same call.

#pragma once

#include "rune/diagnostics.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace rb::rune {

enum class MacroTokenKind : std::uint8_t {
    // Names and keywords.
    word,
    // Numbers, strings, characters, byte literals, and a whole template with its holes.
    literal,
    label,
    // Operators and separators, each as long as the language reads it (`..=`, `->`).
    punctuation,
    // One of ( [ { and one of ) ] }.
    open,
    close,
};

struct MacroToken {
    MacroTokenKind kind = MacroTokenKind::word;
    // As it is written in a source.
    std::string text;
    // Where the script has it; nothing for tokens a macro made.
    Span span = {0, 0, no_source};

    static constexpr std::uint32_t no_source = 0xFFFFFFFF;
};

class TokenStream {
public:
    TokenStream() = default;
    explicit TokenStream(std::vector<MacroToken> tokens) : tokens_(std::move(tokens)) {}

    TokenStream& operator+=(const TokenStream& other);
    TokenStream& operator+=(MacroToken token);

    [[nodiscard]] const std::vector<MacroToken>& tokens() const { return tokens_; }
    [[nodiscard]] bool empty() const { return tokens_.empty(); }
    // The tokens with single blanks between them.
    [[nodiscard]] std::string to_string() const;

private:
    std::vector<MacroToken> tokens_;
};

// Thrown by MacroCall::fail(); becomes a compile error.
struct MacroError {
    std::string message;
    Span span;
};

struct MacroCall {
    // As the script wrote it ("shop::maximum").
    std::string_view name;
    // What stands between the brackets; of an attribute, behind its path and without brackets.
    TokenStream tokens;
    // Of an attribute: the item below it, with its other attributes. Otherwise empty.
    TokenStream item;
    // The whole call.
    Span span;

    // Reads tokens from `text`, which a macro uses for the parts it makes up. Text that is no Rune
    // is a mistake of the host, reported as an error at the call.
    [[nodiscard]] TokenStream quote(std::string_view text) const;
    // `text` as a string literal, with everything escaped that must be.
    [[nodiscard]] static MacroToken string_literal(std::string_view text);
    // `tokens` cut at a separator outside of all brackets. One behind the last part is allowed.
    [[nodiscard]] std::vector<TokenStream> split(std::string_view separator) const;
    // Ends the expansion with an error at the call, or at a token of it.
    [[noreturn]] void fail(std::string message) const;
    [[noreturn]] void fail(std::string message, const MacroToken& at) const;
};

using MacroBody = std::function<TokenStream(MacroCall&)>;

enum class MacroSort : std::uint8_t { call, attribute };

struct Macro {
    std::string path;
    MacroSort sort = MacroSort::call;
    MacroBody body;
};

}  // namespace rb::rune
