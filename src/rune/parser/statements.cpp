// Blocks and their statements.

#include "rune/parser/parser_core.hpp"

#include <utility>

namespace rb::rune {

Block* Parser::open_block() {
    auto* block = arena_.make<Block>();
    block->parent = block_;
    block->span = span(peek());
    block_ = block;
    return block;
}

void Parser::close_block(Block* block, std::vector<Statement>& statements,
                         std::vector<Item*>& items) {
    block->statements = arena_.copy(statements);
    block->items = arena_.copy(items);
    block->span = {block->span.start, tokens_[at_].end, number_};
    block_ = block->parent;
    if (!items.empty() && frame_ != nullptr) frame_->item_blocks.push_back(block);
}

Block* Parser::block() {
    const DepthGuard guard(*this);
    const Token open = expect(TokenKind::open_brace, "to begin a block");
    const std::size_t errors = sink_.error_count();
    Block* result = open_block();
    result->span.start = open.start;
    statements(result, TokenKind::close_brace);
    if (at(TokenKind::end)) {
        // The innermost one is named; those around it would only repeat it, as would a block whose
        // end was lost in an earlier error.
        if (std::exchange(unclosed_, true) || sink_.error_count() > errors) throw SyntaxError{};
        fail_at(span(open), DiagnosticClass::syntax, "this block is never closed",
                "expected `}` before the end of the file");
    }
    expect(TokenKind::close_brace, "to end the block");
    return result;
}

void Parser::statements(Block* block, TokenKind close) {
    std::vector<Statement> list;
    std::vector<Item*> items;
    Block* const outer = block->parent;
    // The height of a block is that of its tallest statement.
    int tallest = tallest_;
    try {
        while (!at(close) && !at(TokenKind::end)) {
            const std::size_t before = at_;
            const int depth = depth_;
            tallest_ = 0;
            try {
                statement(block, list, items, close);
            } catch (const SyntaxError&) {
                depth_ = depth;
                block_ = block;
                recover(before, Recovery::statement);
                if (close == TokenKind::end && at(TokenKind::close_brace)) next();
            }
            tallest = std::max(tallest, tallest_);
        }
        tallest_ = tallest;
    } catch (...) {
        block_ = outer;
        throw;
    }
    close_block(block, list, items);
}

void Parser::statement(Block* block, std::vector<Statement>& statements, std::vector<Item*>& items,
                       TokenKind close) {
    while (at(TokenKind::inner_doc)) next();
    const bool attributed = at(TokenKind::pound) && (peek(1).kind == TokenKind::open_bracket);
    std::size_t ahead = at_;
    if (attributed || at(TokenKind::outer_doc)) {
        // Attributes belong to an item when one follows them.
        const std::size_t saved = at_;
        while (at(TokenKind::outer_doc) ||
               (at(TokenKind::pound) && peek(1).kind == TokenKind::open_bracket)) {
            if (at(TokenKind::pound)) next();
            skip_group();
        }
        ahead = at_;
        at_ = saved;
        const std::size_t restore = at_;
        at_ = ahead;
        const bool item_follows = starts_item();
        at_ = restore;
        if (!item_follows) attributes();
        if (at(close)) return;
    }
    const std::size_t here = at_;
    at_ = std::max(ahead, at_);
    const bool is_item = starts_item();
    at_ = here;
    if (is_item) {
        items.push_back(item(/*in_impl=*/false));
        eat(TokenKind::semicolon);
        return;
    }
    if (at(TokenKind::kw_let)) return let_statement(statements);
    if (at(TokenKind::semicolon)) fail("a lone `;` is not allowed", "remove it");
    expression_statement(block, statements, close);
}

void Parser::let_statement(std::vector<Statement>& statements) {
    const std::uint32_t start = next().start;
    Statement result;
    result.pattern = pattern();
    reject_type_annotation();
    if (!at(TokenKind::assign)) {
        fail_at(span(peek()), DiagnosticClass::syntax,
                "expected `=`: a variable must be initialised, found " + shown(peek()));
    }
    next();
    result.value = expression();
    if (at(TokenKind::kw_else)) {
        fail_at(span(peek()), DiagnosticClass::not_supported, "`let … else` is not supported",
                "use `match` or `if let`");
    }
    result.span = span_from(start);
    if (!eat(TokenKind::semicolon)) {
        missing_semicolon("statement");
        throw SyntaxError{};
    }
    statements.push_back(result);
}

bool Parser::starts_block_like() const {
    switch (peek().kind) {
        case TokenKind::open_brace:
        case TokenKind::kw_if:
        case TokenKind::kw_match:
        case TokenKind::kw_loop:
        case TokenKind::kw_while:
        case TokenKind::kw_for:
        case TokenKind::kw_select:
        case TokenKind::label:
            return true;
        case TokenKind::kw_const:
            return peek(1).kind == TokenKind::open_brace;
        case TokenKind::kw_async:
            return peek(1).kind == TokenKind::open_brace ||
                   (peek(1).kind == TokenKind::kw_move && peek(2).kind == TokenKind::open_brace);
        default:
            return false;
    }
}

void Parser::expression_statement(Block* block, std::vector<Statement>& statements,
                                  TokenKind close) {
    const std::uint32_t start = peek().start;
    Expr* value = nullptr;
    bool block_like = starts_block_like();
    if (block_like) {
        value = this->block_like();
        // A block-like expression ends the statement unless `.` or `?` goes on.
        if (at(TokenKind::dot) || at(TokenKind::question)) {
            block_like = false;
            value = postfix(value, StructLiterals::allowed, false);
            value = binary_rest(value, 0, StructLiterals::allowed);
        }
    } else {
        const std::size_t first = at_;
        value = expression();
        // A macro call with braces is block-like as well.
        std::size_t bang = first;
        while (bang < at_ && (tokens_[bang].kind == TokenKind::identifier ||
                              tokens_[bang].kind == TokenKind::colon_colon)) {
            ++bang;
        }
        block_like = tokens_[bang].kind == TokenKind::bang && bang > first &&
                     tokens_[bang + 1].kind == TokenKind::open_brace &&
                     tokens_[at_ - 1].kind == TokenKind::close_brace;
    }
    Statement result;
    result.value = value;
    if (eat(TokenKind::semicolon)) {
        result.span = span_from(start);
        statements.push_back(result);
        return;
    }
    // The tail is the last expression, also when items follow.
    if (at(close)) {
        block->tail = value;
        return;
    }
    result.span = span_from(start);
    if (!block_like && !starts_item()) {
        missing_semicolon("expression");
        if (at(TokenKind::close_paren) || at(TokenKind::close_bracket)) throw SyntaxError{};
    }
    if (starts_item()) {
        // Items do not become the tail value: what stands before them may still be it.
        std::size_t ahead = at_;
        while (starts_item()) {
            while (!at(TokenKind::end) && !at(TokenKind::semicolon) && !at(TokenKind::open_brace) &&
                   !at(TokenKind::close_brace)) {
                next();
            }
            if (at(TokenKind::open_brace)) skip_group();
            eat(TokenKind::semicolon);
        }
        const bool only_items = at(close);
        at_ = ahead;
        if (only_items) {
            block->tail = value;
            return;
        }
        if (!block_like) {
            missing_semicolon("expression");
        }
    }
    statements.push_back(result);
}

}  // namespace rb::rune
