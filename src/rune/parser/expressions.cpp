#include "rune/parser/parser_core.hpp"
#include "rune/syntax/literals.hpp"
#include "rune/syntax/unicode.hpp"

namespace rb::rune {

namespace {

struct Operator {
    int level = -1;
    // Mixing two of one level without parentheses is an error.
    bool associative = true;
    BinaryOp op = BinaryOp::add;
};

constexpr int unary_level = 13;
constexpr int range_level = 2;
constexpr int compound_level = 1;

Operator operator_of(TokenKind kind) {
    switch (kind) {
        case TokenKind::kw_is:
        case TokenKind::kw_as:
            return {unary_level, false};
        case TokenKind::star:
            return {11, true, BinaryOp::mul};
        case TokenKind::slash:
            return {11, true, BinaryOp::div};
        case TokenKind::percent:
            return {11, true, BinaryOp::rem};
        case TokenKind::plus:
            return {10, true, BinaryOp::add};
        case TokenKind::minus:
            return {10, true, BinaryOp::sub};
        case TokenKind::shl:
            return {9, true, BinaryOp::shl};
        case TokenKind::shr:
            return {9, true, BinaryOp::shr};
        case TokenKind::amp:
            return {8, true, BinaryOp::bit_and};
        case TokenKind::caret:
            return {7, true, BinaryOp::bit_xor};
        case TokenKind::pipe:
            return {6, true, BinaryOp::bit_or};
        case TokenKind::eq_eq:
            return {5, false, BinaryOp::eq};
        case TokenKind::bang_eq:
            return {5, false, BinaryOp::ne};
        case TokenKind::lt:
            return {5, false, BinaryOp::lt};
        case TokenKind::gt:
            return {5, false, BinaryOp::gt};
        case TokenKind::le:
            return {5, false, BinaryOp::le};
        case TokenKind::ge:
            return {5, false, BinaryOp::ge};
        case TokenKind::amp_amp:
            return {4, true};
        case TokenKind::pipe_pipe:
            return {3, true};
        case TokenKind::dot_dot:
        case TokenKind::dot_dot_eq:
            return {range_level, false};
        case TokenKind::add_assign:
            return {compound_level, false, BinaryOp::add};
        case TokenKind::sub_assign:
            return {compound_level, false, BinaryOp::sub};
        case TokenKind::mul_assign:
            return {compound_level, false, BinaryOp::mul};
        case TokenKind::div_assign:
            return {compound_level, false, BinaryOp::div};
        case TokenKind::rem_assign:
            return {compound_level, false, BinaryOp::rem};
        case TokenKind::amp_assign:
            return {compound_level, false, BinaryOp::bit_and};
        case TokenKind::pipe_assign:
            return {compound_level, false, BinaryOp::bit_or};
        case TokenKind::caret_assign:
            return {compound_level, false, BinaryOp::bit_xor};
        case TokenKind::shl_assign:
            return {compound_level, false, BinaryOp::shl};
        case TokenKind::shr_assign:
            return {compound_level, false, BinaryOp::shr};
        default:
            return {};
    }
}

}  // namespace

Expr* Parser::expression(StructLiterals structs) {
    const DepthGuard guard(*this);
    const int outer = tallest_;
    const std::uint32_t assigned = assignments_;
    tallest_ = 0;
    Expr* result = binary(0, structs);
    tallest_ = std::max(outer, tallest_);
    if (assignments_ != assigned) result->assigns = true;
    return result;
}

Expr* Parser::binary(int min_level, StructLiterals structs) {
    const DepthGuard guard(*this);
    const std::uint32_t assigned = assignments_;
    Expr* left = nullptr;
    if (at(TokenKind::dot_dot) || at(TokenKind::dot_dot_eq)) {
        if (min_level > range_level) fail("a range needs parentheses here");
        left = range_end(peek().start, nullptr, structs);
    } else {
        left = unary(structs);
    }
    if (assignments_ != assigned) left->assigns = true;
    return binary_rest(left, min_level, structs);
}

Expr* Parser::binary_rest(Expr* left, int min_level, StructLiterals structs) {
    int previous = left->kind == ExprKind::range ? range_level : -1;
    while (true) {
        const Operator op = operator_of(peek().kind);
        if (op.level < min_level || op.level < 0) return left;
        if (!op.associative && previous == op.level) {
            fail_at(span(peek()), DiagnosticClass::precedence,
                    "these operators do not associate: group them with parentheses");
        }
        previous = op.level;
        const std::uint32_t assigned = assignments_;
        if (op.level == range_level) {
            const bool before = left->assigns;
            left = range_end(left->span.start, left, structs);
            left->assigns = before || assignments_ != assigned;
            continue;
        }
        const Token token = next();
        if (token.kind == TokenKind::kw_is || token.kind == TokenKind::kw_as) {
            const bool is = token.kind == TokenKind::kw_is;
            auto* test = make<TypeExpr>(is ? ExprKind::is : ExprKind::as, left->span.start);
            test->negated = is && eat(TokenKind::kw_not);
            test->operand = left;
            test->type = path(false);
            test->assigns = left->assigns;
            left = finish(test);
            continue;
        }
        const bool compound = op.level == compound_level;
        Expr* right = binary(op.level + 1, structs);
        if (compound) ++assignments_;
        const bool assigns = left->assigns || assignments_ != assigned;
        if (token.kind == TokenKind::amp_amp || token.kind == TokenKind::pipe_pipe) {
            auto* logic = make<LogicExpr>(ExprKind::logic, left->span.start);
            logic->left = left;
            logic->right = right;
            logic->is_and = token.kind == TokenKind::amp_amp;
            left = finish(logic);
        } else {
            auto* node = make<BinaryExpr>(compound ? ExprKind::compound : ExprKind::binary,
                                          left->span.start);
            node->left = left;
            node->right = right;
            node->op = op.op;
            left = finish(node);
        }
        left->assigns = assigns;
    }
}

Expr* Parser::range_end(std::uint32_t start, Expr* left, StructLiterals structs) {
    const bool inclusive = next().kind == TokenKind::dot_dot_eq;
    auto* range = make<RangeExpr>(ExprKind::range, start);
    range->start = left;
    range->inclusive = inclusive;
    if (starts_expression(structs)) {
        range->end = binary(range_level + 1, structs);
    } else if (inclusive) {
        fail("an inclusive range needs an end");
    }
    return finish(range);
}

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

Expr* Parser::unary(StructLiterals structs) {
    const DepthGuard guard(*this);
    const int outer = tallest_;
    tallest_ = 0;
    Expr* result = nullptr;
    const Token token = peek();
    switch (token.kind) {
        case TokenKind::minus:
            result = negative_number();
            if (result != nullptr) break;
            [[fallthrough]];
        case TokenKind::bang: {
            auto* node = make<UnaryExpr>(ExprKind::unary, token.start);
            next();
            node->op = token.kind == TokenKind::bang ? '!' : '-';
            node->operand = unary(structs);
            node->assigns = node->operand->assigns;
            result = finish(node);
            break;
        }
        case TokenKind::amp:
        case TokenKind::star:
            next();
            report(span(token), DiagnosticClass::not_supported,
                   "prefix " + std::string(describe(token.kind)) + " is not supported",
                   "values are references already");
            result = unary(structs);
            break;
        default:
            result = postfix(primary(structs), structs, true);
    }
    tallest_ = std::max(outer, tallest_);
    return result;
}

// `-` before a bare number belongs to the literal: the smallest i64 has no positive counterpart.
Expr* Parser::negative_number() {
    if (peek(1).kind != TokenKind::number) return nullptr;
    switch (peek(2).kind) {
        case TokenKind::dot:
        case TokenKind::question:
        case TokenKind::open_paren:
        case TokenKind::open_bracket:
            return nullptr;
        default:
            break;
    }
    const std::uint32_t start = next().start;
    const Token token = next();
    auto* expr = make<LiteralExpr>(ExprKind::literal, start);
    expr->value = literal(token, true);
    return finish(expr);
}

Expr* Parser::postfix(Expr* base, StructLiterals structs, bool may_call) {
    bool assigns = base->assigns;
    const std::uint32_t assigned = assignments_;
    while (true) {
        if (at(TokenKind::open_paren) && may_call) {
            auto* call = make<CallExpr>(ExprKind::call, base->span.start);
            next();
            call->callee = base;
            call->arguments = arena_.copy(arguments(TokenKind::close_paren));
            base = finish(call);
        } else if (at(TokenKind::open_bracket) && may_call) {
            auto* index = make<IndexExpr>(ExprKind::index, base->span.start);
            next();
            index->object = base;
            index->index = expression();
            expect(TokenKind::close_bracket, "after the index");
            base = finish(index);
        } else if (at(TokenKind::question)) {
            auto* node = make<UnaryExpr>(ExprKind::try_, base->span.start);
            next();
            node->operand = base;
            base = finish(node);
        } else if (at(TokenKind::dot)) {
            base = dot(base);
        } else if (at(TokenKind::assign)) {
            auto* node = make<AssignExpr>(ExprKind::assign, base->span.start);
            next();
            node->target = base;
            node->value = expression(structs);
            ++assignments_;
            base = finish(node);
            base->assigns = true;
            return base;
        } else {
            return base;
        }
        may_call = true;
        assigns = assigns || assignments_ != assigned;
        base->assigns = assigns;
    }
}

Expr* Parser::dot(Expr* base) {
    const std::uint32_t start = base->span.start;
    next();
    const Token token = next();
    if (token.kind == TokenKind::kw_await) {
        auto* node = make<UnaryExpr>(ExprKind::await, start);
        node->operand = base;
        if (frame_ != nullptr) frame_->has_await = true;
        return finish(node);
    }
    if (token.kind == TokenKind::number) {
        auto* field = make<FieldExpr>(ExprKind::field, start);
        field->object = base;
        field->field = name(token);
        field->number = 0;
        for (const char digit : text(token)) {
            if (digit < '0' || digit > '9' || field->number > 1'000'000) {
                fail_at(span(token), DiagnosticClass::syntax,
                        "`" + std::string(text(token)) + "` is no tuple index",
                        "for a tuple inside a tuple write `(t.0).1`");
            }
            field->number = field->number * 10 + (digit - '0');
        }
        return finish(field);
    }
    if (token.kind != TokenKind::identifier) {
        std::string hint;
        if (is_keyword(token.kind)) {
            hint = "`" + std::string(text(token)) + "` is a reserved word; use `[\"" +
                   std::string(text(token)) + "\"]`";
        }
        fail_at(span(token), DiagnosticClass::syntax,
                "expected a field or method after `.`, found " + std::string(describe(token.kind)),
                hint);
    }
    std::span<Path*> type_arguments;
    const bool turbofish = at(TokenKind::colon_colon) && peek(1).kind == TokenKind::lt;
    if (turbofish) {
        next();
        type_arguments = generics();
        if (!at(TokenKind::open_paren)) fail("expected `(` after the type argument");
    }
    if (!at(TokenKind::open_paren)) {
        auto* field = make<FieldExpr>(ExprKind::field, start);
        field->object = base;
        field->field = name(token);
        field->number = -1;
        return finish(field);
    }
    next();
    auto* call = make<MethodCallExpr>(ExprKind::method_call, start);
    call->receiver = base;
    call->method = name(token);
    call->generics = type_arguments;
    call->arguments = arena_.copy(arguments(TokenKind::close_paren));
    return finish(call);
}

std::vector<Expr*> Parser::arguments(TokenKind close) {
    std::vector<Expr*> list;
    while (!at(close) && !at(TokenKind::end)) {
        list.push_back(expression());
        if (!eat(TokenKind::comma)) break;
    }
    if (!at(close)) {
        fail("expected `,` or " + std::string(describe(close)) + ", found " +
             std::string(describe(peek().kind)));
    }
    next();
    return list;
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
        default: {
            std::string hint;
            if (is_keyword(token.kind)) {
                hint = "`" + std::string(text(token)) + "` is a reserved word";
            }
            fail("expected an expression, found " + std::string(describe(token.kind)), hint);
        }
    }
}

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
            result.text = unescaped(token, 1, 1, 0);
            return result;
        case TokenKind::byte_string:
            result.kind = LiteralKind::bytes;
            result.text = unescaped(token, 2, 1, 1);
            return result;
        case TokenKind::byte: {
            result.kind = LiteralKind::unsigned_integer;
            const auto content = unescaped(token, 2, 1, 1);
            if (content.size() != 1) {
                report(span(token), DiagnosticClass::bad_literal, "expected exactly one byte");
            } else {
                result.unsigned_integer = static_cast<unsigned char>(content[0]);
            }
            return result;
        }
        default: {
            result.kind = LiteralKind::character;
            const auto content = unescaped(token, 1, 1, 0);
            const auto scalar = decode_scalar(content, 0);
            if (!scalar || scalar->length != content.size()) {
                report(span(token), DiagnosticClass::bad_literal, "expected exactly one character");
            } else {
                result.character = scalar->scalar;
            }
            return result;
        }
    }
}

std::string_view Parser::unescaped(const Token& token, std::uint32_t prefix, std::uint32_t suffix,
                                   int mode) {
    const auto content =
        std::string_view(source_.text)
            .substr(token.start + prefix, token.end - token.start - prefix - suffix);
    if (content.find('\\') == std::string_view::npos) return content;
    std::string why;
    std::size_t offset = 0;
    auto result = unescape(content, static_cast<EscapeMode>(mode), why, offset);
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
            part.text = unescaped(next(), 0, 0, 2);
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
        fail("expected `)`, found " + std::string(describe(peek().kind)));
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

std::span<FieldInit> Parser::field_inits() {
    std::vector<FieldInit> fields;
    while (!at(TokenKind::close_brace) && !at(TokenKind::end)) {
        FieldInit field{};
        if (at(TokenKind::string)) {
            const Token key = next();
            field.key = {unescaped(key, 1, 1, 0), span(key)};
            expect(TokenKind::colon, "after a quoted key");
            field.value = expression();
        } else {
            field.key = name(expect(TokenKind::identifier, "as a key"));
            if (eat(TokenKind::colon)) {
                field.value = expression();
            } else {
                referenced_.push_back(field.key.text);
            }
        }
        for (const auto& other : fields) {
            if (other.key.text == field.key.text) {
                report(field.key.span, DiagnosticClass::duplicate_key,
                       "key `" + std::string(field.key.text) + "` stands here twice");
                break;
            }
        }
        fields.push_back(field);
        if (!eat(TokenKind::comma)) break;
    }
    expect(TokenKind::close_brace, "or `,` after the value");
    return arena_.copy(fields);
}

Path* Parser::path(bool in_expression) {
    auto* result = arena_.make<Path>();
    const std::uint32_t start = peek().start;
    result->global = eat(TokenKind::colon_colon);
    std::vector<PathSegment> segments;
    do {
        const Token token = next();
        const bool keyword = token.kind == TokenKind::kw_self ||
                             token.kind == TokenKind::kw_super ||
                             token.kind == TokenKind::kw_crate || token.kind == TokenKind::kw_Self;
        if (token.kind != TokenKind::identifier && !keyword) {
            fail_at(span(token), DiagnosticClass::syntax,
                    "expected a name in this path, found " + std::string(describe(token.kind)));
        }
        PathSegment segment{text(token), span(token), {}};
        const bool turbofish = at(TokenKind::colon_colon) && peek(1).kind == TokenKind::lt;
        if (turbofish) next();
        if (turbofish || (!in_expression && at(TokenKind::lt))) segment.generics = generics();
        segments.push_back(segment);
    } while (eat(TokenKind::colon_colon));
    result->segments = arena_.copy(segments);
    result->span = span_from(start);
    return result;
}

std::span<Path*> Parser::generics() {
    const DepthGuard guard(*this);
    expect(TokenKind::lt, "before the type argument");
    std::vector<Path*> list;
    while (!at(TokenKind::gt) && !at(TokenKind::end)) {
        list.push_back(path(false));
        if (!eat(TokenKind::comma)) break;
    }
    expect(TokenKind::gt, "after the type argument");
    return arena_.copy(list);
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

}  // namespace rb::rune
