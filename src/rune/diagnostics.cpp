#include "rune/diagnostics.hpp"

#include "rune/limits.hpp"
#include "rune/syntax/expansion.hpp"
#include "rune/syntax/unicode.hpp"

#include <algorithm>
#include <numeric>
#include <span>

namespace rb::rune {

std::string_view word_of(DiagnosticClass diagnostic_class) {
    switch (diagnostic_class) {
#define RUNE_DIAGNOSTIC(class_, word) \
    case DiagnosticClass::class_:     \
        return word;
#include "rune/diagnostics.def"
#undef RUNE_DIAGNOSTIC
    }
    return "unknown";
}

namespace {

// Of a source line in a rendering: more would hide the message.
constexpr std::uint32_t excerpt_scalars_max = 160;

std::uint32_t scalars_in(std::string_view text) {
    return static_cast<std::uint32_t>(
        std::count_if(text.begin(), text.end(), [](char byte) { return (byte & 0xC0) != 0x80; }));
}

std::string_view line_around(std::string_view text, std::uint32_t offset) {
    offset = std::min<std::uint32_t>(offset, static_cast<std::uint32_t>(text.size()));
    const auto before = offset == 0 ? std::string_view::npos : text.rfind('\n', offset - 1);
    const auto start = before == std::string_view::npos ? 0 : before + 1;
    auto end = text.find('\n', start);
    if (end == std::string_view::npos) end = text.size();
    return text.substr(start, end - start);
}

// Letters to insert, remove, change, or swap with their neighbour.
std::size_t edit_distance(std::string_view left, std::string_view right) {
    std::vector<std::size_t> before(right.size() + 1);
    std::vector<std::size_t> row(right.size() + 1);
    std::vector<std::size_t> next(right.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= left.size(); ++i) {
        next[0] = i;
        for (std::size_t j = 1; j <= right.size(); ++j) {
            const std::size_t change = row[j - 1] + (left[i - 1] == right[j - 1] ? 0 : 1);
            next[j] = std::min({row[j] + 1, next[j - 1] + 1, change});
            const bool swapped =
                i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1];
            if (swapped) next[j] = std::min(next[j], before[j - 2] + 1);
        }
        std::swap(before, row);
        std::swap(row, next);
    }
    return row.back();
}

// At most excerpt_scalars_max characters of a line, so that `column` is among them; `cut` says how
// many are left out in front. What would change a terminal, or is no text at all, is shown as `�`.
std::string excerpt_of(std::string_view line, std::uint32_t column, std::uint32_t& cut) {
    constexpr std::uint32_t in_front = excerpt_scalars_max / 2;
    cut = column > excerpt_scalars_max ? column - in_front : 0;
    std::string excerpt = cut > 0 ? "…" : "";
    std::uint32_t seen = 0;
    for (std::size_t at = 0; at < line.size();) {
        const auto scalar = decode_scalar(line, at);
        const std::size_t length = scalar ? scalar->length : 1;
        if (seen >= cut + excerpt_scalars_max) return excerpt + "…";
        if (seen >= cut) {
            const bool shown =
                scalar &&
                (scalar->scalar == '\t' ||
                 (scalar->scalar >= 0x20 && (scalar->scalar < 0x7F || scalar->scalar > 0x9F)));
            excerpt += shown ? line.substr(at, length) : std::string_view("\xEF\xBF\xBD");
        }
        ++seen;
        at += length;
    }
    return excerpt;
}

}  // namespace

Span located(const std::vector<Source>& sources, Span span) {
    while (const auto& expansion = sources.at(span.source).expansion) {
        const auto piece = std::find_if(expansion->pieces.begin(), expansion->pieces.end(),
                                        [&](const auto& each) { return each.end > span.start; });
        const bool inside = piece != expansion->pieces.end() && piece->start <= span.start;
        span = inside ? piece->origin : expansion->call;
    }
    return span;
}

Position position_of(std::string_view text, std::uint32_t offset) {
    const auto before = text.substr(0, offset);
    const auto line =
        static_cast<std::uint32_t>(std::count(before.begin(), before.end(), '\n')) + 1;
    const auto newline = before.rfind('\n');
    const auto start = newline == std::string_view::npos ? 0 : newline + 1;
    return {line, scalars_in(before.substr(start)) + 1};
}

std::string Diagnostic::to_string() const {
    std::string text = severity == Severity::error ? "error[" : "warning[";
    text += word_of(diagnostic_class);
    text += "]: " + message + "\n" + place_to_string();
    const std::string gutter(std::to_string(line).size() + 1, ' ');
    if (!hint.empty()) text += gutter + " = hint: " + hint + "\n";
    return text;
}

std::string Diagnostic::place_to_string() const {
    const std::string number = std::to_string(line);
    const std::string gutter(number.size() + 1, ' ');
    std::string text = gutter + "--> " + file + ":" + number + ":" + std::to_string(column) + "\n";
    text += gutter + " |\n " + number + " | " + source_line + "\n" + gutter + " | ";
    // Tabs are kept, so that the caret stands below its text however wide they are drawn.
    const std::uint32_t caret = column - cut + (cut > 0 ? 1 : 0);
    std::uint32_t seen = 1;
    for (const char byte : source_line) {
        if (seen >= caret) break;
        if ((byte & 0xC0) == 0x80) continue;
        text += byte == '\t' ? '\t' : ' ';
        ++seen;
    }
    const std::uint32_t scalars = scalars_in(source_line);
    const std::uint32_t room = scalars + 1 - std::min(scalars, caret - 1);
    const std::uint32_t width = std::max<std::uint32_t>(1, span.end - span.start);
    text += std::string(std::clamp<std::uint32_t>(std::min(width, room > 1 ? room - 1 : 1), 1, 120),
                        '^');
    text += "\n";
    return text;
}

void show_line(Diagnostic& diagnostic, const Source& source, std::uint32_t at) {
    diagnostic.source_line =
        excerpt_of(line_around(source.text, at), diagnostic.column, diagnostic.cut);
}

void DiagnosticSink::error(DiagnosticClass diagnostic_class, Span span, std::string message,
                           std::string hint) {
    ++error_count_;
    if (error_count_ > diagnostics_max) return;
    add(Severity::error, diagnostic_class, span, std::move(message), std::move(hint));
}

void DiagnosticSink::warning(DiagnosticClass diagnostic_class, Span span, std::string message) {
    if (found_.size() >= 2 * diagnostics_max) return;
    add(Severity::warning, diagnostic_class, span, std::move(message), {});
}

void DiagnosticSink::add(Severity severity, DiagnosticClass diagnostic_class, Span span,
                         std::string message, std::string hint) {
    if (const auto& expansion = sources_.at(span.source).expansion) {
        message += " (in what `" + expansion->macro + "!` made)";
        span = located(sources_, span);
    }
    const Source& source = sources_.at(span.source);
    const Position position = position_of(source.text, span.start);
    found_.push_back({.severity = severity,
                      .diagnostic_class = diagnostic_class,
                      .message = std::move(message),
                      .hint = std::move(hint),
                      .file = source.name,
                      .line = position.line,
                      .column = position.column,
                      .span = span});
    show_line(found_.back(), source, span.start);
}

std::vector<Diagnostic> DiagnosticSink::take() {
    std::stable_sort(found_.begin(), found_.end(), [](const auto& left, const auto& right) {
        if (left.span.source != right.span.source) return left.span.source < right.span.source;
        return left.span.start < right.span.start;
    });
    return std::move(found_);
}

std::string nearest_name(std::string_view wanted, const std::vector<std::string>& candidates) {
    // A third of the letters may be wrong; a one-letter name resembles everything.
    const std::size_t allowed = std::max<std::size_t>(1, wanted.size() / 3);
    std::size_t best = allowed + 1;
    std::string found;
    if (wanted.size() < 2 || wanted.size() > compared_name_bytes_max) return found;
    const std::size_t count = std::min(candidates.size(), compared_names_max);
    for (const auto& candidate : std::span(candidates).first(count)) {
        if (candidate == wanted) continue;
        if (candidate.size() > wanted.size() + allowed) continue;
        const std::size_t distance = edit_distance(wanted, candidate);
        if (distance < best) {
            best = distance;
            found = candidate;
        }
    }
    return found;
}

}  // namespace rb::rune
