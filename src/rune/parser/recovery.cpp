// After a syntax error: where the next statement or item may begin.

#include "rune/parser/parser_core.hpp"

#include <map>
#include <optional>
#include <vector>

namespace rb::rune {

namespace {

// The token that ends the group this one begins.
std::optional<TokenKind> closer_of(TokenKind kind) {
    switch (kind) {
        case TokenKind::open_brace:
            return TokenKind::close_brace;
        case TokenKind::open_paren:
            return TokenKind::close_paren;
        case TokenKind::open_bracket:
            return TokenKind::close_bracket;
        case TokenKind::hole_open:
            return TokenKind::hole_close;
        default:
            return std::nullopt;
    }
}

// How the number of open groups changes with this token.
int nesting_of(TokenKind kind) {
    switch (kind) {
        case TokenKind::open_brace:
        case TokenKind::open_paren:
        case TokenKind::open_bracket:
        case TokenKind::hole_open:
            return 1;
        case TokenKind::close_brace:
        case TokenKind::close_paren:
        case TokenKind::close_bracket:
        case TokenKind::hole_close:
            return -1;
        default:
            return 0;
    }
}

}  // namespace

// Skips one token, or a whole bracketed group.
void Parser::skip_group() {
    int open = 0;
    do {
        open += nesting_of(next().kind);
    } while (open > 0 && !at(TokenKind::end));
}

// Goes on behind the groups that were opened since `from` and not closed: their rest belongs to
// what failed.
void Parser::leave_groups(std::size_t from) {
    std::vector<TokenKind> open;
    std::map<TokenKind, std::size_t> waiting;
    // Whether the token belongs to the groups; a bracket that nobody closed ends with the one
    // around it.
    const auto follow = [&](TokenKind kind) {
        if (const auto closer = closer_of(kind)) {
            open.push_back(*closer);
            ++waiting[*closer];
        } else if (nesting_of(kind) < 0) {
            if (waiting[kind] == 0) return false;
            bool closed = false;
            while (!closed) {
                closed = open.back() == kind;
                --waiting[open.back()];
                open.pop_back();
            }
        }
        return true;
    };
    for (std::size_t i = from; i < at_; ++i) follow(tokens_[i].kind);
    // An item in the first column begins anew, however many brackets were forgotten above it.
    const auto begins_anew = [&] {
        const std::uint32_t start = peek().start;
        return starts_item() && start > 0 && source_->text[start - 1] == '\n' && at_ > from;
    };
    while (!open.empty() && !at(TokenKind::end) && !begins_anew()) {
        if (!follow(peek().kind)) return;
        next();
    }
}

// What the failed source named is not reported as missing where it is used.
void Parser::poison(std::size_t from) {
    for (std::size_t i = from; i < at_; ++i) {
        if (tokens_[i].kind == TokenKind::identifier) sink_.poison(text(tokens_[i]));
    }
}

// Leaves what began at `from` and failed. At least one token is gone afterwards.
void Parser::recover(std::size_t from, Recovery where) {
    leave_groups(from);
    if (at_ == from) skip_group();
    if (where == Recovery::statement) {
        skip_to_statement();
    } else {
        skip_to_item();
    }
    poison(from);
}

void Parser::skip_to_statement() {
    while (!at(TokenKind::end) && !at(TokenKind::close_brace) && !at(TokenKind::hole_close)) {
        if (eat(TokenKind::semicolon)) return;
        if (at(TokenKind::kw_let) || starts_item()) return;
        skip_group();
    }
}

void Parser::skip_to_item() {
    while (!at(TokenKind::end) && !at(TokenKind::close_brace)) {
        if (eat(TokenKind::semicolon)) return;
        if (starts_item()) return;
        skip_group();
    }
}

}  // namespace rb::rune
