// Literals and templates.

#include "rune/parser/parser_core.hpp"
#include "rune/syntax/unicode.hpp"

namespace rb::rune {

Expr* Parser::literal_expression(const Token& token) {
    auto* expr = make<LiteralExpr>(ExprKind::literal, token.start);
    expr->value = literal(token, false);
    return finish(expr);
}

Literal Parser::literal(const Token& token, bool negative) {
    Literal result;
    switch (token.kind) {
        case TokenKind::number: {
            std::string why;
            const auto number = decode_number(text(token), negative, why);
            if (!number) {
                report(span(token), DiagnosticClass::bad_literal, why);
                return result;
            }
            return *number;
        }
        case TokenKind::kw_true:
        case TokenKind::kw_false:
            result.boolean = token.kind == TokenKind::kw_true;
            return result;
        case TokenKind::string:
            result.kind = LiteralKind::string;
            result.text = unescaped(token, 1, 1, EscapeMode::text);
            return result;
        case TokenKind::byte_string:
            result.kind = LiteralKind::bytes;
            result.text = unescaped(token, 2, 1, EscapeMode::bytes);
            return result;
        case TokenKind::byte: {
            result.kind = LiteralKind::unsigned_integer;
            const auto content = unescaped(token, 2, 1, EscapeMode::bytes);
            if (content.size() != 1) {
                report(span(token), DiagnosticClass::bad_literal, "expected exactly one byte");
            } else {
                result.unsigned_integer = static_cast<unsigned char>(content[0]);
            }
            return result;
        }
        default: {
            result.kind = LiteralKind::character;
            const auto content = unescaped(token, 1, 1, EscapeMode::text);
            const auto scalar = decode_scalar(content, 0);
            if (!scalar || scalar->length != content.size()) {
                report(span(token), DiagnosticClass::bad_literal, "expected exactly one character",
                       token.end - token.start > 3 ? "strings stand in double quotes" : "");
            } else {
                result.character = scalar->scalar;
            }
            return result;
        }
    }
}

std::string_view Parser::unescaped(const Token& token, std::uint32_t prefix, std::uint32_t suffix,
                                   EscapeMode mode) {
    const auto content =
        std::string_view(source_->text)
            .substr(token.start + prefix, token.end - token.start - prefix - suffix);
    if (content.find('\\') == std::string_view::npos) return content;
    std::string why;
    std::size_t offset = 0;
    auto result = unescape(content, mode, why, offset);
    if (!result) {
        const auto start = static_cast<std::uint32_t>(token.start + prefix + offset);
        report({start, start + 2, number_}, DiagnosticClass::bad_literal, why);
        return {};
    }
    return arena_.keep(std::move(*result));
}

Expr* Parser::template_literal() {
    const DepthGuard guard(*this);
    auto* expr = make<FormatExpr>(ExprKind::format, next().start);
    std::vector<FormatPart> parts;
    std::vector<Expr*> values;
    while (!at(TokenKind::template_close)) {
        FormatPart part;
        if (at(TokenKind::template_text)) {
            part.text = unescaped(next(), 0, 0, EscapeMode::template_text);
        } else {
            expect(TokenKind::hole_open, "in the template");
            part.argument = static_cast<std::int32_t>(values.size());
            values.push_back(expression());
            expect(TokenKind::hole_close, "after the template's expression");
        }
        parts.push_back(part);
    }
    next();
    expr->parts = arena_.copy(parts);
    expr->arguments = arena_.copy(values);
    finish(expr);
    if (values.empty()) {
        sink_.warning(DiagnosticClass::unused, expr->span, "this template has no expansions");
    }
    return expr;
}

}  // namespace rb::rune
