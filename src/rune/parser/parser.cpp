#include "rune/parser/parser.hpp"

#include "rune/parser/parser_core.hpp"

namespace rb::rune {

Parser::Parser(const Source& source, std::uint32_t number, Arena& arena, DiagnosticSink& sink,
               const MacroHost& macros)
    : source_(&source),
      number_(number),
      arena_(arena),
      sink_(sink),
      context_(macros.context),
      sources_(macros.sources) {
    tokens_ = tokenize(source.text, number, sink);
    // A literal that runs to the end of the text has swallowed the brackets behind it.
    unclosed_ = tokens_.size() > 1 && tokens_[tokens_.size() - 2].kind == TokenKind::error &&
                tokens_[tokens_.size() - 2].end == source.text.size();
}

ParsedSource Parser::parse(bool script_mode) {
    if (!script_mode) return {.items = items_until(TokenKind::end)};
    FunctionFrame frame;
    frame_ = &frame;
    auto* function = arena_.make<FunctionItem>();
    function->kind = ItemKind::function;
    function->visibility = VisibilityKind::pub;
    function->name = {"main", {0, 0, number_}};
    function->function = arena_.make<FunctionBody>();
    Block* body = open_block();
    statements(body, TokenKind::end);
    auto* expr = make<BlockExpr>(ExprKind::block, 0);
    expr->block = body;
    function->function->body = expr;
    function->function->has_await = frame.has_await;
    function->function->has_yield = frame.has_yield;
    function->function->is_async = frame.has_await;
    function->item_blocks = arena_.copy(frame.item_blocks);
    function->span = span_from(0);
    frame_ = nullptr;
    return {.items = {}, .script = function};
}

const Token& Parser::peek(std::size_t ahead) const {
    return tokens_[std::min(at_ + ahead, tokens_.size() - 1)];
}

Token Parser::next() {
    const Token token = peek();
    if (at_ + 1 < tokens_.size()) ++at_;
    return token;
}

bool Parser::eat(TokenKind kind) {
    if (!at(kind)) return false;
    next();
    return true;
}

Token Parser::expect(TokenKind kind, std::string_view where) {
    if (at(kind)) return next();
    std::string message = "expected " + std::string(describe(kind)) + " " + std::string(where) +
                          ", found " + shown(peek());
    std::string hint;
    if (kind == TokenKind::identifier) hint = reserved_hint(at_);
    fail(std::move(message), std::move(hint));
}

std::string_view Parser::text(const Token& token) const {
    return std::string_view(source_->text).substr(token.start, token.end - token.start);
}

Span Parser::span(const Token& token) const {
    return {token.start, token.end, number_};
}

Span Parser::span_from(std::uint32_t start) const {
    const std::uint32_t end = at_ == 0 ? start : tokens_[at_ - 1].end;
    return {start, std::max(start, end), number_};
}

void Parser::fail(std::string message, std::string hint) {
    fail_at(span(peek()), DiagnosticClass::syntax, std::move(message), std::move(hint));
}

void Parser::fail_at(Span where, DiagnosticClass diagnostic_class, std::string message,
                     std::string hint) {
    report(where, diagnostic_class, std::move(message), std::move(hint));
    throw SyntaxError{};
}

void Parser::report(Span where, DiagnosticClass diagnostic_class, std::string message,
                    std::string hint) {
    if (muted_) return;
    if (hint.empty() && diagnostic_class == DiagnosticClass::syntax) {
        const bool consumed = at_ > 0 && tokens_[at_ - 1].start == where.start;
        hint = foreign_hint(consumed ? at_ - 1 : at_);
    }
    sink_.error(diagnostic_class, where, std::move(message), std::move(hint));
}

}  // namespace rb::rune
