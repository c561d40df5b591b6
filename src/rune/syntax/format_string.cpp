#include "rune/syntax/format_string.hpp"

#include "rune/syntax/unicode.hpp"

#include <optional>
#include <utility>

namespace rb::rune {

namespace {

// Reads one format string.
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

// Fills in one FormatExpr.
class FormatPlanner {
public:
    FormatPlanner(FormatExpr& format, Arena& arena, const FormatComplaint& complain,
                  const FormatConstant& constant)
        : format_(format),
          arena_(arena),
          complain_(complain),
          constant_(constant),
          values_(format.arguments.begin(), format.arguments.end()),
          used_(values_.size(), false) {}

    std::vector<std::string_view> plan(std::string_view content);

private:
    [[nodiscard]] std::size_t positional() const { return used_.size() - format_.names.size(); }
    void error(std::string message) const { complain_(format_.span, std::move(message)); }
    // The number of an argument; negative after a complaint.
    std::int32_t take(std::size_t index);
    std::int32_t next();
    std::int32_t numbered(std::string_view digits);
    std::int32_t find(std::string_view key);
    std::int32_t variable(std::string_view key);
    void precision(FormatSpec& spec);

    FormatExpr& format_;
    Arena& arena_;
    const FormatComplaint& complain_;
    const FormatConstant& constant_;
    std::vector<Expr*> values_;
    // Of the arguments that were written.
    std::vector<bool> used_;
    std::vector<std::string_view> variables_;
    std::size_t next_ = 0;
};

std::int32_t FormatPlanner::take(std::size_t index) {
    used_[index] = true;
    return static_cast<std::int32_t>(index);
}

std::int32_t FormatPlanner::next() {
    if (next_ >= positional()) {
        error("missing argument for `{}` number " + std::to_string(next_ + 1));
        return -1;
    }
    return take(next_++);
}

std::int32_t FormatPlanner::numbered(std::string_view digits) {
    std::size_t index = 0;
    for (const char digit : digits) {
        if (digit < '0' || digit > '9' || index > 100'000) {
            error("`" + std::string(digits) + "` names no argument");
            return -1;
        }
        index = index * 10 + static_cast<std::size_t>(digit - '0');
    }
    if (index >= positional()) {
        error("missing argument " + std::to_string(index));
        return -1;
    }
    return take(index);
}

std::int32_t FormatPlanner::find(std::string_view key) {
    if (key.empty()) return next();
    if (key[0] >= '0' && key[0] <= '9') return numbered(key);
    for (std::size_t i = 0; i < format_.names.size(); ++i) {
        if (format_.names[i].text == key) return take(positional() + i);
    }
    for (std::size_t i = 0; i < variables_.size(); ++i) {
        if (variables_[i] == key) return static_cast<std::int32_t>(used_.size() + i);
    }
    for (std::size_t i = 0; i < key.size();) {
        const auto scalar = decode_scalar(key, i);
        const bool fits = scalar && (i == 0 ? is_identifier_start(scalar->scalar)
                                            : is_identifier_continue(scalar->scalar));
        if (!fits) {
            error("`" + std::string(key) + "` is no name; expressions are not allowed inside `{}`");
            return -1;
        }
        i += scalar->length;
    }
    return variable(key);
}

// A variable in scope becomes one more argument.
std::int32_t FormatPlanner::variable(std::string_view key) {
    auto* path = arena_.make<Path>();
    path->span = format_.span;
    path->segments = arena_.copy(std::vector<PathSegment>{{key, format_.span, {}}});
    auto* expr = arena_.make<PathExpr>();
    expr->kind = ExprKind::path;
    expr->span = format_.span;
    expr->path = path;
    values_.push_back(expr);
    variables_.push_back(key);
    return static_cast<std::int32_t>(values_.size() - 1);
}

void FormatPlanner::precision(FormatSpec& spec) {
    const std::int32_t index = next();
    if (index < 0) return;
    constexpr std::int64_t precision_max = 1000;
    const auto number = constant_(values_[static_cast<std::size_t>(index)]);
    if (!number || *number < 0 || *number > precision_max) {
        return error("`.*` takes a constant, small positional argument");
    }
    spec.precision = static_cast<std::int32_t>(*number);
}

std::vector<std::string_view> FormatPlanner::plan(std::string_view content) {
    FormatReader reader(content);
    std::vector<FormatPart> parts;
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
        if (hole.precision_argument) precision(hole.spec);
        const std::int32_t index = find(hole.argument);
        if (index >= 0) parts.push_back({{}, index, hole.spec});
    }
    for (std::size_t i = 0; i < used_.size(); ++i) {
        if (!used_[i]) complain_(values_[i]->span, "unused format argument");
    }
    format_.parts = arena_.copy(parts);
    format_.arguments = arena_.copy(values_);
    return std::move(variables_);
}

}  // namespace

std::vector<std::string_view> plan_format(FormatExpr& format, std::string_view text, Arena& arena,
                                          const FormatComplaint& complain,
                                          const FormatConstant& constant) {
    return FormatPlanner(format, arena, complain, constant).plan(text);
}

}  // namespace rb::rune
