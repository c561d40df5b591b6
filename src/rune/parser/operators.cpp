// Operators: precedence climbing over the binary ones, then prefix and postfix ones.

#include "rune/parser/parser_core.hpp"

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
                "expected a field or method after `.`, found " + shown(token), hint);
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
        fail("expected `,` or " + std::string(describe(close)) + ", found " + shown(peek()));
    }
    next();
    return list;
}

}  // namespace rb::rune
