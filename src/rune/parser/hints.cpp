// What an author probably meant where the syntax is wrong.

#include "rune/parser/parser_core.hpp"
#include "rune/syntax/foreign_words.hpp"

namespace rb::rune {

// `wrong` is the token that does not fit.
std::string Parser::foreign_hint(std::size_t wrong) const {
    const TokenKind now = tokens_[wrong].kind;
    const TokenKind before = wrong > 0 ? tokens_[wrong - 1].kind : TokenKind::end;
    const auto behind = [&](TokenKind first, TokenKind second) {
        return before == first && now == second;
    };
    if (now == TokenKind::identifier || is_keyword(now)) {
        const auto hint = hint_for_foreign_word(text(tokens_[wrong]));
        if (!hint.empty()) return std::string(hint);
    }
    if (before == TokenKind::identifier) {
        const auto hint = hint_for_foreign_word(text(tokens_[wrong - 1]));
        if (!hint.empty()) return std::string(hint);
    }
    if (behind(TokenKind::plus, TokenKind::plus)) return "write `+= 1`";
    if (behind(TokenKind::minus, TokenKind::minus)) return "write `-= 1`";
    if (behind(TokenKind::lt, TokenKind::gt)) return "write `!=`";
    if (behind(TokenKind::eq_eq, TokenKind::assign)) return "write `==`";
    if (behind(TokenKind::bang_eq, TokenKind::assign)) return "write `!=`";
    if (before == TokenKind::close_paren && now == TokenKind::fat_arrow) {
        return "closures are written `|x| …`";
    }
    if (before == TokenKind::question) {
        return "there is no `? :`; use `if … { … } else { … }`";
    }
    if (before == TokenKind::identifier && now == TokenKind::colon) {
        return "an object literal begins with `#{`";
    }
    if (now == TokenKind::pound) return "comments begin with `//`";
    if (behind(TokenKind::open_paren, TokenKind::kw_let) && wrong > 1 &&
        tokens_[wrong - 2].kind == TokenKind::kw_for) {
        return "loops over numbers are written `for i in 0..n { … }`";
    }
    return {};
}

// The same where a name or a value was expected.
std::string Parser::reserved_hint(std::size_t wrong) const {
    std::string hint = foreign_hint(wrong);
    if (hint.empty() && is_keyword(tokens_[wrong].kind)) {
        hint = "`" + std::string(text(tokens_[wrong])) + "` is a reserved word";
    }
    return hint;
}

std::string Parser::shown(const Token& token) const {
    constexpr std::size_t shown_bytes_max = 40;
    const bool word = token.kind == TokenKind::identifier || token.kind == TokenKind::number;
    const std::string_view written = text(token);
    if (!word || written.size() > shown_bytes_max) return std::string(describe(token.kind));
    return "`" + std::string(written) + "`";
}

// Behind something that should have ended. What looks like another language is not read on: every
// word of it would be an error of its own.
void Parser::missing_semicolon(std::string_view what) {
    std::string hint = foreign_hint(at_);
    const bool foreign = !hint.empty();
    report(span_from(tokens_[at_ - 1].start), DiagnosticClass::semicolon,
           "expected `;` after this " + std::string(what), std::move(hint));
    if (foreign) throw SyntaxError{};
}

}  // namespace rb::rune
