// The built-in macros are parsed into nodes of their own.

#include "rune/context.hpp"
#include "rune/parser/parser_core.hpp"
#include "rune/syntax/unicode.hpp"

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

FormatExpr* Parser::format_arguments(TokenKind close, Span where) {
    if (at(close)) {
        fail_at(where, DiagnosticClass::format_string, "expected a format string");
    }
    const Expr* format = expression();
    const auto content = constant_text(format);
    if (!content) {
        fail_at(format->span, DiagnosticClass::format_string,
                "the format must be a constant string", "write \"{}\" and pass the value");
    }
    std::vector<Expr*> positional;
    std::vector<std::pair<Name, Expr*>> named;
    while (eat(TokenKind::comma) && !at(close)) {
        if (at(TokenKind::identifier) && peek(1).kind == TokenKind::assign) {
            const Name key = name(next());
            next();
            named.emplace_back(key, expression());
        } else {
            Expr* value = expression();
            if (!named.empty()) {
                report(value->span, DiagnosticClass::format_string,
                       "positional arguments must stand before named ones");
            }
            positional.push_back(value);
        }
    }
    expect(close, "after the arguments");
    return format_expression(arena_.keep(*content), format->span, std::move(positional),
                             std::move(named));
}

namespace {

// Reads one format string. Positions in messages are those of the whole literal.
class FormatReader {
public:
    struct Hole {
        // Empty: the next positional one.
        std::string_view argument;
        FormatSpec spec;
        bool precision_argument = false;
    };

    explicit FormatReader(std::string_view text) : text_(text) {}

    [[nodiscard]] bool done() const { return at_ >= text_.size(); }

    // Text up to the next hole, with `{{` and `}}` resolved.
    bool literal(std::string& out, std::string& why) {
        while (!done()) {
            const char byte = text_[at_];
            if (byte == '{' && peek(1) == '{') {
                at_ += 2;
                out.push_back('{');
            } else if (byte == '}' && peek(1) == '}') {
                at_ += 2;
                out.push_back('}');
            } else if (byte == '{') {
                return true;
            } else if (byte == '}') {
                why = "unmatched `}` in the format string; write `}}` for the character";
                return false;
            } else {
                out.push_back(byte);
                ++at_;
            }
        }
        return true;
    }

    bool hole(Hole& out, std::string& why) {
        ++at_;
        const std::size_t close = text_.find('}', at_);
        if (close == std::string_view::npos) {
            why = "unmatched `{` in the format string; write `{{` for the character";
            return false;
        }
        std::string_view inside = text_.substr(at_, close - at_);
        // `{:}>5}` pads with a brace.
        if (inside.ends_with(':') && close + 2 < text_.size() && is_align(text_[close + 1])) {
            const std::size_t real = text_.find('}', close + 1);
            if (real != std::string_view::npos) inside = text_.substr(at_, real - at_);
        }
        at_ += inside.size() + 1;
        const auto colon = inside.find(':');
        out.argument = trim(inside.substr(0, colon));
        if (colon == std::string_view::npos) return true;
        return spec(inside.substr(colon + 1), out, why);
    }

private:
    [[nodiscard]] char peek(std::size_t ahead) const {
        return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
    }
    static bool is_align(char byte) { return byte == '<' || byte == '^' || byte == '>'; }
    static std::string_view trim(std::string_view part) {
        while (part.starts_with(' ')) part.remove_prefix(1);
        while (part.ends_with(' ')) part.remove_suffix(1);
        return part;
    }

    static bool number(std::string_view& rest, std::int32_t& out) {
        std::int32_t value = 0;
        std::size_t digits = 0;
        while (digits < rest.size() && rest[digits] >= '0' && rest[digits] <= '9') {
            value = value * 10 + (rest[digits] - '0');
            // Wider than any text that should be printed.
            if (value > 100'000) return false;
            ++digits;
        }
        rest.remove_prefix(digits);
        if (digits > 0) out = value;
        return true;
    }

    bool spec(std::string_view rest, Hole& out, std::string& why) {
        FormatSpec& result = out.spec;
        rest = trim_end(rest);
        const auto first = decode_scalar(rest, 0);
        if (first && rest.size() > first->length && is_align(rest[first->length])) {
            result.fill = first->scalar;
            result.align = rest[first->length];
            rest.remove_prefix(first->length + 1);
        } else if (!rest.empty() && is_align(rest[0])) {
            result.align = rest[0];
            rest.remove_prefix(1);
        }
        if (rest.starts_with('+') || rest.starts_with('-')) {
            result.plus = rest[0] == '+';
            rest.remove_prefix(1);
        }
        if (rest.starts_with('#')) rest.remove_prefix(1);
        if (rest.starts_with('0')) {
            result.zero = true;
            rest.remove_prefix(1);
        }
        if (!number(rest, result.width)) return bad(why, "this width is too large");
        if (rest.starts_with('.')) {
            rest.remove_prefix(1);
            if (rest.starts_with('*')) {
                rest.remove_prefix(1);
                out.precision_argument = true;
            } else {
                result.precision = 0;
                if (!number(rest, result.precision)) return bad(why, "this precision is too large");
            }
        }
        if (rest.size() == 1 && std::string_view("?xXbp").find(rest[0]) != std::string_view::npos) {
            result.type = rest[0];
            rest.remove_prefix(1);
        }
        if (!rest.empty())
            return bad(why, "`" + std::string(rest) + "` is no format specification");
        return true;
    }

    static std::string_view trim_end(std::string_view part) {
        while (part.size() > 1 && part.ends_with(' ')) part.remove_suffix(1);
        return part;
    }
    static bool bad(std::string& why, std::string text) {
        why = std::move(text);
        return false;
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

}  // namespace

FormatExpr* Parser::format_expression(std::string_view content, Span where,
                                      std::vector<Expr*> positional,
                                      std::vector<std::pair<Name, Expr*>> named) {
    auto* result = make<FormatExpr>(ExprKind::format, where.start);
    std::vector<Expr*> values = positional;
    for (const auto& [key, value] : named) values.push_back(value);
    std::vector<bool> used(values.size(), false);
    std::vector<std::pair<std::string_view, std::int32_t>> captured;
    std::vector<FormatPart> parts;
    std::size_t next_positional = 0;

    const auto error = [&](const std::string& message) {
        report(where, DiagnosticClass::format_string, message);
    };
    const auto take_next = [&]() -> std::int32_t {
        if (next_positional >= positional.size()) {
            error("missing argument for `{}` number " + std::to_string(next_positional + 1));
            return -1;
        }
        used[next_positional] = true;
        return static_cast<std::int32_t>(next_positional++);
    };
    const auto find_argument = [&](std::string_view key) -> std::int32_t {
        if (key.empty()) return take_next();
        if (key[0] >= '0' && key[0] <= '9') {
            std::size_t index = 0;
            for (const char digit : key) {
                if (digit < '0' || digit > '9' || index > 100'000) {
                    error("`" + std::string(key) + "` names no argument");
                    return -1;
                }
                index = index * 10 + static_cast<std::size_t>(digit - '0');
            }
            if (index >= positional.size()) {
                error("missing argument " + std::to_string(index));
                return -1;
            }
            used[index] = true;
            return static_cast<std::int32_t>(index);
        }
        for (std::size_t i = 0; i < named.size(); ++i) {
            if (named[i].first.text == key) {
                used[positional.size() + i] = true;
                return static_cast<std::int32_t>(positional.size() + i);
            }
        }
        for (const auto& [known, index] : captured) {
            if (known == key) return index;
        }
        for (std::size_t i = 0; i < key.size();) {
            const auto scalar = decode_scalar(key, i);
            const bool fits = scalar && (i == 0 ? is_identifier_start(scalar->scalar)
                                                : is_identifier_continue(scalar->scalar));
            if (!fits) {
                error("`" + std::string(key) +
                      "` is no name; expressions are not allowed inside `{}`");
                return -1;
            }
            i += scalar->length;
        }
        // A variable in scope.
        auto* path = arena_.make<Path>();
        path->span = where;
        path->segments = arena_.copy(std::vector<PathSegment>{{key, where, {}}});
        auto* expr = make<PathExpr>(ExprKind::path, where.start);
        expr->span = where;
        expr->path = path;
        referenced_.push_back(key);
        values.push_back(expr);
        captured.emplace_back(key, static_cast<std::int32_t>(values.size() - 1));
        return captured.back().second;
    };

    FormatReader reader(content);
    std::string why;
    while (!reader.done()) {
        std::string text;
        if (!reader.literal(text, why)) {
            error(why);
            break;
        }
        if (!text.empty()) parts.push_back({arena_.keep(std::move(text)), -1, {}});
        if (reader.done()) break;
        FormatReader::Hole hole;
        if (!reader.hole(hole, why)) {
            error(why);
            break;
        }
        if (hole.precision_argument) {
            const std::int32_t index = take_next();
            const Expr* precision = index < 0 ? nullptr : values[static_cast<std::size_t>(index)];
            if (precision != nullptr && precision->kind == ExprKind::literal &&
                static_cast<const LiteralExpr*>(precision)->value.kind == LiteralKind::integer &&
                static_cast<const LiteralExpr*>(precision)->value.unsigned_integer <= 1000) {
                hole.spec.precision = static_cast<std::int32_t>(
                    static_cast<const LiteralExpr*>(precision)->value.integer);
            } else {
                error("`.*` takes a constant, small positional argument");
            }
        }
        const std::int32_t index = find_argument(hole.argument);
        if (index >= 0) parts.push_back({{}, index, hole.spec});
    }
    for (std::size_t i = 0; i < used.size(); ++i) {
        if (!used[i]) {
            report(values[i]->span, DiagnosticClass::format_string, "unused format argument");
        }
    }
    result->parts = arena_.copy(parts);
    result->arguments = arena_.copy(values);
    finish(result);
    result->span = where;
    return result;
}

}  // namespace rb::rune
