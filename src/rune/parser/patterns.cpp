#include "rune/parser/parser_core.hpp"

namespace rb::rune {

Pattern* Parser::pattern() {
    const DepthGuard guard(*this);
    attributes();
    const std::uint32_t start = peek().start;
    const auto list = [&](PatternKind kind, TokenKind close) {
        next();
        std::vector<Pattern*> items;
        bool rest = false;
        pattern_list(close, items, rest);
        auto* result = arena_.make<ListPattern>();
        result->kind = kind;
        result->items = arena_.copy(items);
        result->rest = rest;
        return result;
    };
    Pattern* result = nullptr;
    switch (peek().kind) {
        case TokenKind::underscore:
            next();
            result = arena_.make<Pattern>(PatternKind::ignore, Span{});
            break;
        case TokenKind::open_paren: {
            auto* tuple = list(PatternKind::tuple, TokenKind::close_paren);
            // `(p)` groups, `(p,)` is a 1-tuple.
            const bool comma = tokens_[at_ - 2].kind == TokenKind::comma;
            result = tuple->items.size() == 1 && !tuple->rest && !comma ? tuple->items[0] : tuple;
            break;
        }
        case TokenKind::open_bracket:
            result = list(PatternKind::vec, TokenKind::close_bracket);
            break;
        case TokenKind::pound: {
            next();
            expect(TokenKind::open_brace, "in an object pattern");
            auto* object = arena_.make<FieldsPattern>();
            object->kind = PatternKind::object;
            std::vector<FieldPattern> fields;
            pattern_fields(fields, object->rest);
            object->fields = arena_.copy(fields);
            result = object;
            break;
        }
        case TokenKind::kw_self:
            if (peek(1).kind != TokenKind::colon_colon) {
                report(span(peek()), DiagnosticClass::wrong_place,
                       "`self` may only be the first parameter of a function inside `impl`");
            }
            result = path_pattern();
            break;
        case TokenKind::identifier:
        case TokenKind::colon_colon:
        case TokenKind::kw_super:
        case TokenKind::kw_crate:
        case TokenKind::kw_Self:
            result = path_pattern();
            break;
        case TokenKind::kw_mut:
            fail_at(span(peek()), DiagnosticClass::not_supported, "`mut` is not supported",
                    "every variable can be assigned; remove `mut`");
        case TokenKind::kw_ref:
            fail_at(span(peek()), DiagnosticClass::not_supported, "`ref` is not supported");
        default:
            result = literal_pattern();
    }
    result->span = span_from(start);
    refuse_bindings_and_ranges();
    return result;
}

void Parser::refuse_alternatives() {
    if (!at(TokenKind::pipe)) return;
    fail_at(span(peek()), DiagnosticClass::not_supported, "alternatives with `|` are not supported",
            "write one arm for each");
}

void Parser::refuse_bindings_and_ranges() {
    if (at(TokenKind::at)) {
        fail_at(span(peek()), DiagnosticClass::not_supported,
                "binding a name to a whole pattern with `@` is not supported");
    }
    if (at(TokenKind::dot_dot) || at(TokenKind::dot_dot_eq)) {
        fail_at(span(peek()), DiagnosticClass::not_supported, "range patterns are not supported",
                "use a guard: `n if n >= a && n < b`");
    }
}

Pattern* Parser::path_pattern() {
    Path* target = path(true);
    if (at(TokenKind::open_paren)) {
        next();
        auto* result = arena_.make<ListPattern>();
        result->kind = PatternKind::path_tuple;
        result->path = target;
        std::vector<Pattern*> items;
        pattern_list(TokenKind::close_paren, items, result->rest);
        result->items = arena_.copy(items);
        return result;
    }
    if (at(TokenKind::open_brace)) {
        next();
        auto* result = arena_.make<FieldsPattern>();
        result->kind = PatternKind::path_object;
        result->path = target;
        std::vector<FieldPattern> fields;
        pattern_fields(fields, result->rest);
        result->fields = arena_.copy(fields);
        return result;
    }
    auto* result = arena_.make<PathPattern>();
    result->kind = PatternKind::path;
    result->path = target;
    return result;
}

Pattern* Parser::literal_pattern() {
    const bool negative = eat(TokenKind::minus);
    const Token token = next();
    switch (token.kind) {
        case TokenKind::number:
            break;
        case TokenKind::string:
        case TokenKind::byte_string:
        case TokenKind::character:
        case TokenKind::byte:
        case TokenKind::kw_true:
        case TokenKind::kw_false:
            if (!negative) break;
            [[fallthrough]];
        default:
            fail_at(span(token),
                    token.kind == TokenKind::template_open ? DiagnosticClass::not_supported
                                                           : DiagnosticClass::syntax,
                    "expected a pattern, found " + shown(token), reserved_hint(at_ - 1));
    }
    auto* result = arena_.make<LiteralPattern>();
    result->kind = PatternKind::literal;
    result->value = literal(token, negative);
    if (result->value.kind == LiteralKind::floating) {
        report(span(token), DiagnosticClass::pattern,
               "floats cannot be matched: two floats are rarely equal", "use a guard");
    }
    return result;
}

// Whether `..` stands here, which must be the last of its pattern.
bool Parser::rest_pattern(TokenKind close) {
    if (!at(TokenKind::dot_dot)) return false;
    const Token token = next();
    eat(TokenKind::comma);
    if (!at(close)) {
        fail_at(span(token), DiagnosticClass::pattern,
                "`..` is only supported at the end of a pattern");
    }
    return true;
}

void Parser::pattern_list(TokenKind close, std::vector<Pattern*>& items, bool& rest) {
    while (!at(close) && !at(TokenKind::end)) {
        rest = rest_pattern(close);
        if (rest) break;
        items.push_back(pattern());
        refuse_alternatives();
        if (!eat(TokenKind::comma)) break;
    }
    expect(close, "after the pattern");
}

void Parser::pattern_fields(std::vector<FieldPattern>& fields, bool& rest) {
    KeySet seen;
    while (!at(TokenKind::close_brace) && !at(TokenKind::end)) {
        rest = rest_pattern(TokenKind::close_brace);
        if (rest) break;
        FieldPattern field{};
        if (field_key(field.key)) field.pattern = pattern();
        refuse_duplicate(seen, field.key);
        fields.push_back(field);
        if (!eat(TokenKind::comma)) break;
    }
    expect(TokenKind::close_brace, "after the pattern");
}

}  // namespace rb::rune
