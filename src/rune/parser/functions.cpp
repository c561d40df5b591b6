// Functions, closures and async blocks: whatever has a frame of its own.

#include "rune/parser/parser_core.hpp"

namespace rb::rune {

FunctionItem* Parser::function_item(bool in_impl, const Attributes& found) {
    auto* result = arena_.make<FunctionItem>();
    result->kind = ItemKind::function;
    result->is_const = eat(TokenKind::kw_const);
    if (result->is_const && at(TokenKind::kw_async)) {
        report(span(peek()), DiagnosticClass::syntax,
               "a function cannot be both `const` and `async`");
    }
    const bool is_async = eat(TokenKind::kw_async);
    expect(TokenKind::kw_fn, "to begin a function");
    result->name = name(expect(TokenKind::identifier, "as the function's name"));
    if (at(TokenKind::lt)) {
        fail_at(span(peek()), DiagnosticClass::not_supported,
                "generic parameters are not supported",
                "remove them; a parameter takes values of every type");
    }
    result->is_test = found.test;
    // Also inside the value of a constant.
    const bool nested = frame_ != nullptr;
    if ((found.test || found.bench) && (nested || result->is_const)) {
        report(found.span, DiagnosticClass::attribute,
               "this attribute is not supported on const functions and inside other items");
    }
    FunctionFrame frame;
    frame.is_const = result->is_const;
    result->function = function_body(frame, is_async, in_impl, result->has_self);
    result->item_blocks = arena_.copy(frame.item_blocks);
    return result;
}

FunctionBody* Parser::function_body(FunctionFrame& frame, bool is_async, bool in_impl,
                                    bool& has_self) {
    auto* body = arena_.make<FunctionBody>();
    const Scoped<FunctionFrame*> current_frame(frame_, &frame);
    // The blocks around a function are no scopes of it.
    const Scoped<Block*> no_block(block_, nullptr);
    expect(TokenKind::open_paren, "before the parameters");
    const auto list = parameters(in_impl, has_self);
    expect(TokenKind::close_paren, "after the parameters");
    if (at(TokenKind::arrow)) {
        report(span(peek()), DiagnosticClass::not_supported, "return types are not supported",
               "remove the type");
        next();
        path(false);
    }
    body->parameters = arena_.copy(list);
    const std::size_t first = referenced_.size();
    const std::uint32_t start = peek().start;
    Block* const inner = block();
    auto* expr = make<BlockExpr>(ExprKind::block, start);
    expr->block = inner;
    body->body = expr;
    referenced_.resize(first);
    body->is_async = is_async;
    body->has_yield = frame.has_yield;
    body->has_await = frame.has_await;
    return body;
}

std::vector<Pattern*> Parser::parameters(bool in_impl, bool& has_self) {
    std::vector<Pattern*> list;
    while (!at(TokenKind::close_paren) && !at(TokenKind::end)) {
        attributes();
        if (at(TokenKind::kw_self)) {
            if (!in_impl || !list.empty()) {
                report(span(peek()), DiagnosticClass::wrong_place,
                       "`self` may only be the first parameter of a function inside `impl`");
            }
            has_self = true;
            const std::uint32_t start = peek().start;
            list.push_back(path_pattern());
            list.back()->span = span_from(start);
        } else {
            list.push_back(pattern());
        }
        reject_type_annotation();
        if (!eat(TokenKind::comma)) break;
    }
    return list;
}

void Parser::reject_type_annotation() {
    if (!at(TokenKind::colon)) return;
    report(span(peek()), DiagnosticClass::not_supported, "type annotations are not supported",
           "remove the type");
    next();
    path(false);
}

// What a closure runs; notes what it takes from the function around it.
template <typename Parse>
void Parser::closure_body(FunctionBody& body, Parse parse) {
    FunctionFrame frame;
    const Scoped<FunctionFrame*> current_frame(frame_, &frame);
    const std::size_t first = referenced_.size();
    const std::uint32_t assigned = assignments_;
    body.body = parse();
    // What a closure assigns are its own copies.
    assignments_ = assigned;
    body.has_late_format = frame.has_late_format;
    if (FunctionFrame* outer = current_frame.outer(); outer != nullptr) {
        outer->has_late_format = outer->has_late_format || frame.has_late_format;
        outer->item_blocks.insert(outer->item_blocks.end(), frame.item_blocks.begin(),
                                  frame.item_blocks.end());
    }
    body.referenced = arena_.copy(std::vector<std::string_view>(
        referenced_.begin() + static_cast<long>(first), referenced_.end()));
    body.has_yield = frame.has_yield;
    body.has_await = frame.has_await;
}

Expr* Parser::closure() {
    const DepthGuard guard(*this);
    auto* expr = make<ClosureExpr>(ExprKind::closure, peek().start);
    auto* body = arena_.make<FunctionBody>();
    expr->function = body;
    body->is_async = eat(TokenKind::kw_async);
    body->is_move = eat(TokenKind::kw_move);
    std::vector<Pattern*> list;
    if (!eat(TokenKind::pipe_pipe)) {
        expect(TokenKind::pipe, "before the closure's parameters");
        while (!at(TokenKind::pipe) && !at(TokenKind::end)) {
            attributes();
            list.push_back(pattern());
            reject_type_annotation();
            if (!eat(TokenKind::comma)) break;
        }
        expect(TokenKind::pipe, "after the closure's parameters");
    }
    body->parameters = arena_.copy(list);
    if (at(TokenKind::arrow)) {
        fail_at(span(peek()), DiagnosticClass::not_supported, "return types are not supported",
                "remove the type");
    }
    closure_body(*body, [&] { return expression(); });
    return finish(expr);
}

Expr* Parser::async_expression() {
    auto* expr = make<ClosureExpr>(ExprKind::closure, next().start);
    expr->is_block = true;
    auto* body = arena_.make<FunctionBody>();
    expr->function = body;
    body->is_async = true;
    body->is_move = eat(TokenKind::kw_move);
    closure_body(*body, [&] {
        auto* inner = make<BlockExpr>(ExprKind::block, peek().start);
        inner->block = block();
        return finish(inner);
    });
    return finish(expr);
}

}  // namespace rb::rune
