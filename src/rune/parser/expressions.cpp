// What an expression begins with, and what stands in brackets.

#include "rune/parser/parser_core.hpp"
#include "rune/syntax/foreign_words.hpp"

namespace rb::rune {

bool Parser::starts_expression(StructLiterals structs) const {
    switch (peek().kind) {
        case TokenKind::identifier:
        case TokenKind::number:
        case TokenKind::string:
        case TokenKind::byte_string:
        case TokenKind::character:
        case TokenKind::byte:
        case TokenKind::template_open:
        case TokenKind::kw_true:
        case TokenKind::kw_false:
        case TokenKind::kw_self:
        case TokenKind::kw_Self:
        case TokenKind::kw_super:
        case TokenKind::kw_crate:
        case TokenKind::colon_colon:
        case TokenKind::open_paren:
        case TokenKind::open_bracket:
        case TokenKind::minus:
        case TokenKind::bang:
        case TokenKind::kw_if:
        case TokenKind::kw_match:
        case TokenKind::kw_loop:
        case TokenKind::kw_while:
        case TokenKind::kw_for:
        case TokenKind::kw_select:
        case TokenKind::kw_async:
        case TokenKind::kw_const:
        case TokenKind::kw_move:
        case TokenKind::kw_return:
        case TokenKind::kw_break:
        case TokenKind::kw_continue:
        case TokenKind::kw_yield:
        case TokenKind::pipe:
        case TokenKind::pipe_pipe:
        case TokenKind::pound:
        case TokenKind::label:
        case TokenKind::amp:
        case TokenKind::star:
            return true;
        case TokenKind::open_brace:
        case TokenKind::dot_dot:
        case TokenKind::dot_dot_eq:
            return structs == StructLiterals::allowed;
        default:
            return false;
    }
}

Expr* Parser::primary(StructLiterals structs) {
    if (starts_block_like()) return block_like();
    const Token token = peek();
    switch (token.kind) {
        case TokenKind::number:
        case TokenKind::string:
        case TokenKind::byte_string:
        case TokenKind::character:
        case TokenKind::byte:
        case TokenKind::kw_true:
        case TokenKind::kw_false:
            return literal_expression(next());
        case TokenKind::template_open:
            return template_literal();
        case TokenKind::identifier:
        case TokenKind::colon_colon:
        case TokenKind::kw_self:
        case TokenKind::kw_Self:
        case TokenKind::kw_super:
        case TokenKind::kw_crate:
            return path_expression(structs);
        case TokenKind::open_paren:
            return parenthesised();
        case TokenKind::open_bracket: {
            auto* vec = make<ListExpr>(ExprKind::vec, next().start);
            vec->items = arena_.copy(arguments(TokenKind::close_bracket));
            return finish(vec);
        }
        case TokenKind::pound:
            if (peek(1).kind == TokenKind::open_bracket) {
                attributes();
                return primary(structs);
            }
            return object_literal();
        case TokenKind::pipe:
        case TokenKind::pipe_pipe:
        case TokenKind::kw_move:
        case TokenKind::kw_async:
            return closure();
        case TokenKind::kw_return:
            return jump(ExprKind::return_);
        case TokenKind::kw_break:
            return jump(ExprKind::break_);
        case TokenKind::kw_continue:
            return jump(ExprKind::continue_);
        case TokenKind::kw_yield:
            return jump(ExprKind::yield);
        case TokenKind::kw_let:
            fail("`let` is no expression here", "end the statement before it with `;`");
        case TokenKind::error:
            // The lexer has reported it.
            next();
            throw SyntaxError{};
        default:
            fail("expected an expression, found " + shown(token), reserved_hint(at_));
    }
}

Expr* Parser::path_expression(StructLiterals structs) {
    const std::uint32_t start = peek().start;
    Path* target = path(true);
    if (at(TokenKind::bang) &&
        (peek(1).kind == TokenKind::open_paren || peek(1).kind == TokenKind::open_bracket ||
         peek(1).kind == TokenKind::open_brace)) {
        return macro(target);
    }
    if (at(TokenKind::open_brace) && structs == StructLiterals::allowed) {
        const TokenKind first = peek(1).kind;
        const bool has_key = first == TokenKind::identifier || first == TokenKind::string ||
                             first == TokenKind::close_brace;
        const auto foreign = target->is_single() && !has_key
                                 ? hint_for_foreign_word(target->segments[0].text)
                                 : std::string_view();
        if (!foreign.empty()) {
            fail_at(target->span, DiagnosticClass::syntax,
                    "expected an expression, found `" + std::string(target->segments[0].text) + "`",
                    std::string(foreign));
        }
        auto* literal = make<FieldsExpr>(ExprKind::structure, start);
        next();
        literal->path = target;
        literal->fields = field_inits();
        return finish(literal);
    }
    if (target->is_single()) referenced_.push_back(target->segments[0].text);
    auto* expr = make<PathExpr>(ExprKind::path, start);
    expr->path = target;
    return finish(expr);
}

Expr* Parser::parenthesised() {
    const std::uint32_t start = next().start;
    std::vector<Expr*> items;
    bool comma = false;
    while (!at(TokenKind::close_paren) && !at(TokenKind::end)) {
        items.push_back(expression());
        comma = eat(TokenKind::comma);
        if (!comma) break;
    }
    if (!at(TokenKind::close_paren)) {
        fail("expected `)`, found " + shown(peek()));
    }
    next();
    if (items.size() == 1 && !comma) {
        auto* group = make<UnaryExpr>(ExprKind::group, start);
        group->operand = items[0];
        group->assigns = items[0]->assigns;
        return finish(group);
    }
    auto* tuple = make<ListExpr>(ExprKind::tuple, start);
    tuple->items = arena_.copy(items);
    return finish(tuple);
}

Expr* Parser::object_literal() {
    auto* object = make<FieldsExpr>(ExprKind::object, next().start);
    expect(TokenKind::open_brace, "after `#`");
    object->fields = field_inits();
    return finish(object);
}

bool Parser::field_key(Name& key) {
    if (!at(TokenKind::string)) {
        key = name(expect(TokenKind::identifier, "as a key"));
        return eat(TokenKind::colon);
    }
    const Token quoted = next();
    key = {unescaped(quoted, 1, 1, EscapeMode::text), span(quoted)};
    expect(TokenKind::colon, "after a quoted key");
    return true;
}

void Parser::refuse_duplicate(KeySet& seen, const Name& key) {
    if (seen.insert(key.text)) return;
    report(key.span, DiagnosticClass::duplicate_key,
           "key `" + std::string(key.text) + "` stands here twice");
}

std::span<FieldInit> Parser::field_inits() {
    std::vector<FieldInit> fields;
    KeySet seen;
    while (!at(TokenKind::close_brace) && !at(TokenKind::end)) {
        FieldInit field{};
        if (field_key(field.key)) {
            field.value = expression();
        } else {
            referenced_.push_back(field.key.text);
        }
        refuse_duplicate(seen, field.key);
        fields.push_back(field);
        if (!eat(TokenKind::comma)) break;
    }
    expect(TokenKind::close_brace, "or `,` after the value");
    return arena_.copy(fields);
}

}  // namespace rb::rune
