// The built-in macros are parsed into nodes of their own.

#include "rune/context.hpp"
#include "rune/parser/parser_core.hpp"
#include "rune/syntax/format_string.hpp"

namespace rb::rune {

namespace {

constexpr std::string_view macro_names[] = {"format",    "print",  "println",   "dbg",
                                            "panic",     "assert", "assert_eq", "assert_ne",
                                            "stringify", "file",   "line"};

// The name of a built-in macro at a full path ("::std::fmt::format"), or empty.
std::string_view builtin_macro_name(std::string_view path) {
    const std::string_view word = path.substr(path.rfind(':') + 1);
    const auto* const known = std::find(std::begin(macro_names), std::end(macro_names), word);
    // The prelude, or `std::fmt::format!`, `::std::io::println!`, `std::panic!` …
    const bool is_std = path.starts_with("::std::") || path.size() == word.size() + 2;
    return known != std::end(macro_names) && is_std ? *known : std::string_view();
}

}  // namespace

Expr* Parser::macro(Path* path) {
    const std::uint32_t start = path->span.start;
    next();
    if (const Macro* found = host_macro(*path, MacroSort::call)) return expand(*found, *path);
    std::string_view word;
    for (const std::string& candidate : macro_paths(*path)) {
        word = builtin_macro_name(candidate);
        if (!word.empty()) break;
    }
    if (word.empty()) {
        missing_macro(*path);
        skip_group();
        return make<Expr>(ExprKind::error, start);
    }
    const Token open = next();
    const TokenKind close = open.kind == TokenKind::open_paren     ? TokenKind::close_paren
                            : open.kind == TokenKind::open_bracket ? TokenKind::close_bracket
                                                                   : TokenKind::close_brace;
    return builtin_macro(word, start, close, *path);
}

void Parser::missing_macro(const Path& path) {
    const std::string_view word = path.segments.back().text;
    std::vector<std::string> names(std::begin(macro_names), std::end(macro_names));
    if (context_ != nullptr) {
        for (const std::string& name : context_->macro_names()) names.push_back(name);
    }
    const std::string near = nearest_name(word, names);
    std::string hint;
    if (word == "vec") {
        hint = "write `[…]`";
    } else if (!near.empty()) {
        hint = "did you mean `" + near + "!`?";
    }
    report(path.span, DiagnosticClass::missing_macro,
           "no macro `" + std::string(shown_path(path)) + "!`", hint);
}

Expr* Parser::builtin_macro(std::string_view word, std::uint32_t start, TokenKind close,
                            const Path& path) {
    if (word == "format") {
        auto* format = format_arguments(close, path.span);
        format->span = span_from(start);
        return format;
    }
    if (word == "print" || word == "println") {
        auto* expr = make<PrintExpr>(ExprKind::print, start);
        expr->newline = word == "println";
        if (expr->newline && eat(close)) return finish(expr);
        expr->message = format_arguments(close, path.span);
        return finish(expr);
    }
    if (word == "panic") {
        auto* expr = make<PrintExpr>(ExprKind::panic, start);
        expr->message = format_arguments(close, path.span);
        return finish(expr);
    }
    if (word == "dbg") {
        auto* expr = make<ListExpr>(ExprKind::dbg, start);
        expr->items = arena_.copy(arguments(close));
        return finish(expr);
    }
    if (word == "assert") return assert_macro(start, close);
    if (word == "assert_eq" || word == "assert_ne") {
        return assert_eq_macro(start, close, word == "assert_eq");
    }
    if (word == "stringify") {
        const std::size_t from = at_;
        --at_;
        skip_group();
        return string_expression(start, tokens_text(from, at_ - 1));
    }
    const Span here = located(span_from(start));
    const Source& source = here.source == number_ ? *source_ : (*sources_)[here.source];
    if (word == "file") {
        expect(close, "after `file!`");
        return string_expression(start, source.name);
    }
    expect(close, "after `line!`");
    auto* expr = make<LiteralExpr>(ExprKind::literal, start);
    expr->value.kind = LiteralKind::unsigned_integer;
    expr->value.unsigned_integer = position_of(source.text, here.start).line;
    return finish(expr);
}

Expr* Parser::string_expression(std::uint32_t start, std::string content) {
    auto* expr = make<LiteralExpr>(ExprKind::literal, start);
    expr->value.kind = LiteralKind::string;
    expr->value.text = arena_.keep(std::move(content));
    return finish(expr);
}

std::string Parser::tokens_text(std::size_t from, std::size_t to) const {
    std::string result;
    for (std::size_t i = from; i < to; ++i) {
        if (!result.empty()) result.push_back(' ');
        if (tokens_[i].kind == TokenKind::template_open) {
            // A template is one token, with the blanks it was written with.
            int depth = 0;
            const std::size_t first = i;
            do {
                depth += tokens_[i].kind == TokenKind::template_open    ? 1
                         : tokens_[i].kind == TokenKind::template_close ? -1
                                                                        : 0;
                ++i;
            } while (depth > 0 && i < to);
            --i;
            result += std::string_view(source_->text)
                          .substr(tokens_[first].start, tokens_[i].end - tokens_[first].start);
            continue;
        }
        result += text(tokens_[i]);
    }
    return result;
}

Expr* Parser::assert_macro(std::uint32_t start, TokenKind close) {
    auto* expr = make<AssertExpr>(ExprKind::assert_, start);
    const std::size_t from = at_;
    expr->condition = expression();
    expr->source = arena_.keep(tokens_text(from, at_));
    if (eat(TokenKind::comma) && !at(close)) {
        expr->message = format_arguments(close, expr->span);
    } else {
        expect(close, "after the condition");
    }
    return finish(expr);
}

Expr* Parser::assert_eq_macro(std::uint32_t start, TokenKind close, bool equal) {
    auto* expr = make<AssertEqExpr>(ExprKind::assert_eq, start);
    expr->equal = equal;
    expr->left = expression();
    expect(TokenKind::comma, "between the two values");
    expr->right = expression();
    if (eat(TokenKind::comma) && !at(close)) {
        expr->message = format_arguments(close, expr->span);
    } else {
        expect(close, "after the two values");
    }
    return finish(expr);
}

std::optional<std::string> Parser::constant_text(const Expr* expr) const {
    switch (expr->kind) {
        case ExprKind::group:
            return constant_text(static_cast<const UnaryExpr*>(expr)->operand);
        case ExprKind::block: {
            const auto* block = static_cast<const BlockExpr*>(expr);
            const bool is_plain =
                block->is_const && block->block->statements.empty() && block->block->items.empty();
            if (!is_plain || block->block->tail == nullptr) return std::nullopt;
            return constant_text(block->block->tail);
        }
        case ExprKind::literal: {
            const Literal& value = static_cast<const LiteralExpr*>(expr)->value;
            if (value.kind != LiteralKind::string) return std::nullopt;
            return std::string(value.text);
        }
        case ExprKind::format: {
            const auto* format = static_cast<const FormatExpr*>(expr);
            if (!format->arguments.empty()) return std::nullopt;
            std::string result;
            for (const auto& part : format->parts) result += part.text;
            return result;
        }
        case ExprKind::binary: {
            const auto* sum = static_cast<const BinaryExpr*>(expr);
            if (sum->op != BinaryOp::add) return std::nullopt;
            const auto left = constant_text(sum->left);
            const auto right = constant_text(sum->right);
            if (!left || !right) return std::nullopt;
            return *left + *right;
        }
        default:
            return std::nullopt;
    }
}

namespace {

std::optional<std::int64_t> integer_of(const Expr* expr) {
    if (expr->kind != ExprKind::literal) return std::nullopt;
    const Literal& literal = static_cast<const LiteralExpr*>(expr)->value;
    if (literal.kind != LiteralKind::integer) return std::nullopt;
    return literal.integer;
}

}  // namespace

FormatExpr* Parser::format_arguments(TokenKind close, Span where) {
    if (at(close)) {
        fail_at(where, DiagnosticClass::format_string, "expected a format string");
    }
    Expr* text = expression();
    std::vector<Expr*> values;
    std::vector<Name> names;
    while (eat(TokenKind::comma) && !at(close)) {
        if (at(TokenKind::identifier) && peek(1).kind == TokenKind::assign) {
            names.push_back(name(next()));
            next();
        } else if (!names.empty()) {
            report(span(peek()), DiagnosticClass::format_string,
                   "positional arguments must stand before named ones");
        }
        Expr* value = expression();
        values.push_back(value);
    }
    expect(close, "after the arguments");
    auto* format = make<FormatExpr>(ExprKind::format, text->span.start);
    format->arguments = arena_.copy(values);
    format->names = arena_.copy(names);
    finish(format);
    format->span = text->span;
    const auto content = constant_text(text);
    const bool computes_precision =
        content && content->find(".*") != std::string::npos &&
        std::any_of(values.begin(), values.end() - static_cast<long>(names.size()),
                    [](const Expr* value) { return !integer_of(value); });
    if (content && !computes_precision) {
        const auto complain = [&](Span at, std::string message) {
            report(at, DiagnosticClass::format_string, std::move(message));
        };
        const std::string_view kept = arena_.keep(*content);
        for (const auto name : plan_format(*format, kept, arena_, complain, integer_of)) {
            referenced_.push_back(name);
        }
    } else {
        format->text = text;
        if (frame_ != nullptr) frame_->has_late_format = true;
    }
    return format;
}

}  // namespace rb::rune
