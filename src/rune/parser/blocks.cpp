// The expressions made of blocks, and those that jump.

#include "rune/parser/parser_core.hpp"

namespace rb::rune {

Expr* Parser::block_like() {
    const std::uint32_t start = peek().start;
    const int outer = tallest_;
    const std::uint32_t assigned = assignments_;
    tallest_ = 0;
    Expr* result = nullptr;
    switch (peek().kind) {
        case TokenKind::kw_if:
            result = if_expression();
            break;
        case TokenKind::kw_match:
            result = match_expression();
            break;
        case TokenKind::kw_select:
            result = select_expression();
            break;
        case TokenKind::kw_loop:
        case TokenKind::kw_while:
        case TokenKind::kw_for:
            result = loop_expression({});
            break;
        case TokenKind::label:
            result = labelled();
            break;
        case TokenKind::kw_async:
            result = async_expression();
            break;
        case TokenKind::kw_const:
            result = const_block();
            break;
        default: {
            auto* expr = make<BlockExpr>(ExprKind::block, start);
            expr->block = block();
            result = finish(expr);
        }
    }
    tallest_ = std::max(outer, tallest_);
    result->assigns = assignments_ != assigned;
    return result;
}

Expr* Parser::const_block() {
    auto* expr = make<BlockExpr>(ExprKind::block, next().start);
    expr->is_const = true;
    expr->block = block();
    return finish(expr);
}

Expr* Parser::labelled() {
    const Token token = next();
    const Name label = name(token);
    expect(TokenKind::colon, "after the label");
    if (at(TokenKind::open_brace)) {
        auto* expr = make<BlockExpr>(ExprKind::block, token.start);
        expr->label = label;
        expr->block = block();
        return finish(expr);
    }
    if (!at(TokenKind::kw_loop) && !at(TokenKind::kw_while) && !at(TokenKind::kw_for)) {
        fail("expected a loop or a block after the label");
    }
    return loop_expression(label);
}

Expr* Parser::condition() {
    if (!at(TokenKind::kw_let)) {
        Expr* value = expression(StructLiterals::forbidden);
        if (value->kind == ExprKind::assign) {
            sink_.warning(DiagnosticClass::condition, value->span,
                          "this assigns, and is never true; to compare, write `==`");
        }
        return value;
    }
    auto* expr = make<LetExpr>(ExprKind::let, next().start);
    expr->pattern = pattern();
    expect(TokenKind::assign, "after the pattern");
    // Looser operators than comparisons would belong to a chain of conditions.
    expr->value = binary(comparison_level, StructLiterals::forbidden);
    if (at(TokenKind::amp_amp) || at(TokenKind::pipe_pipe)) {
        fail_at(span(peek()), DiagnosticClass::not_supported,
                "`let` conditions cannot be combined with `&&` or `||`", "nest another `if`");
    }
    return finish(expr);
}

Expr* Parser::if_expression() {
    auto* first = make<IfExpr>(ExprKind::if_, peek().start);
    IfExpr* current = first;
    // A chain does not nest: the compiler walks it in a loop. Its height is that of its tallest
    // part.
    int tallest = 0;
    while (true) {
        next();
        tallest_ = 0;
        current->condition = condition();
        current->then = block();
        current->span = span_from(current->span.start);
        tallest = std::max(tallest, tallest_);
        if (!eat(TokenKind::kw_else)) break;
        if (at(TokenKind::kw_if)) {
            auto* chained = make<IfExpr>(ExprKind::if_, peek().start);
            current->otherwise = chained;
            current = chained;
            continue;
        }
        auto* last = make<BlockExpr>(ExprKind::block, peek().start);
        tallest_ = 0;
        last->block = block();
        current->otherwise = finish(last);
        tallest = std::max(tallest, tallest_);
        break;
    }
    tallest_ = tallest;
    return finish(first);
}

// Whether an arm ends here; block-like bodies need no comma.
bool Parser::arm_separator(const Expr* body, TokenKind close) {
    if (eat(TokenKind::comma)) return true;
    if (at(close)) return true;
    switch (body->kind) {
        case ExprKind::block:
        case ExprKind::if_:
        case ExprKind::match:
        case ExprKind::loop:
        case ExprKind::while_:
        case ExprKind::for_:
        case ExprKind::select:
            return true;
        case ExprKind::closure:
            return static_cast<const ClosureExpr*>(body)->is_block;
        default:
            return false;
    }
}

Expr* Parser::match_expression() {
    auto* expr = make<MatchExpr>(ExprKind::match, next().start);
    expr->value = expression(StructLiterals::forbidden);
    expect(TokenKind::open_brace, "before the arms of `match`");
    std::vector<MatchArm> arms;
    while (!at(TokenKind::close_brace) && !at(TokenKind::end)) {
        MatchArm arm{};
        arm.pattern = pattern();
        refuse_alternatives();
        if (eat(TokenKind::kw_if)) arm.guard = expression();
        expect(TokenKind::fat_arrow, "after the pattern");
        // As a statement would: `{ … }` ends the arm, so that `{} [x]` is not an index.
        if (starts_block_like()) {
            arm.body = block_like();
            if (at(TokenKind::dot) || at(TokenKind::question)) {
                arm.body = postfix(arm.body, StructLiterals::allowed, false);
                arm.body = binary_rest(arm.body, 0, StructLiterals::allowed);
            } else if (!at(TokenKind::comma) && !at(TokenKind::close_brace) &&
                       !at(TokenKind::open_bracket) && !at(TokenKind::open_paren) &&
                       !at(TokenKind::minus)) {
                arm.body = binary_rest(arm.body, 0, StructLiterals::allowed);
            }
        } else {
            arm.body = expression();
        }
        arms.push_back(arm);
        if (!arm_separator(arm.body, TokenKind::close_brace)) {
            fail("expected `,` or `}` after this arm, found " + shown(peek()));
        }
    }
    expect(TokenKind::close_brace, "after the arms");
    expr->arms = arena_.copy(arms);
    return finish(expr);
}

Expr* Parser::select_expression() {
    auto* expr = make<SelectExpr>(ExprKind::select, next().start);
    if (frame_ != nullptr) frame_->has_await = true;
    expect(TokenKind::open_brace, "before the arms of `select`");
    std::vector<SelectArm> arms;
    while (!at(TokenKind::close_brace) && !at(TokenKind::end)) {
        Expr* body = nullptr;
        if (at(TokenKind::kw_default)) {
            const Token token = next();
            if (expr->default_body != nullptr) {
                report(span(token), DiagnosticClass::syntax, "`default` stands here twice");
            }
            expect(TokenKind::fat_arrow, "after `default`");
            body = expression();
            expr->default_body = body;
        } else {
            SelectArm arm{};
            arm.pattern = pattern();
            expect(TokenKind::assign, "after the pattern");
            arm.future = expression();
            expect(TokenKind::fat_arrow, "after the future");
            body = expression();
            arm.body = body;
            arms.push_back(arm);
        }
        if (!arm_separator(body, TokenKind::close_brace)) {
            fail("expected `,` or `}` after this arm, found " + shown(peek()));
        }
    }
    expect(TokenKind::close_brace, "after the arms");
    expr->arms = arena_.copy(arms);
    return finish(expr);
}

Expr* Parser::loop_expression(Name label) {
    const Token token = next();
    const ExprKind kind = token.kind == TokenKind::kw_loop    ? ExprKind::loop
                          : token.kind == TokenKind::kw_while ? ExprKind::while_
                                                              : ExprKind::for_;
    auto* expr = make<LoopExpr>(kind, token.start);
    expr->label = label;
    if (kind == ExprKind::while_) expr->condition = condition();
    if (kind == ExprKind::for_) {
        expr->pattern = pattern();
        expect(TokenKind::kw_in, "after the pattern");
        expr->condition = expression(StructLiterals::forbidden);
    }
    expr->body = block();
    return finish(expr);
}

Expr* Parser::jump(ExprKind kind) {
    const Token word = next();
    const std::uint32_t start = word.start;
    if (kind == ExprKind::yield && frame_ != nullptr) {
        frame_->has_yield = true;
        if (frame_->is_const) {
            report(span(word), DiagnosticClass::wrong_place,
                   "`yield` is not allowed in a `const fn`");
        }
    }
    if (kind == ExprKind::break_ || kind == ExprKind::continue_) {
        auto* expr = make<JumpExpr>(kind, start);
        // `break 'a: loop {}` would be a labelled expression; a label alone is the target.
        if (at(TokenKind::label) && peek(1).kind != TokenKind::colon) expr->label = name(next());
        if (kind == ExprKind::break_ && starts_expression(StructLiterals::allowed)) {
            expr->value = expression();
        }
        return finish(expr);
    }
    auto* expr = make<UnaryExpr>(kind, start);
    if (starts_expression(StructLiterals::allowed)) expr->operand = expression();
    return finish(expr);
}

}  // namespace rb::rune
