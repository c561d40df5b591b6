// Diagnostics of the compiler: where, what, the line with a caret, and a hint where one is known.
//
//   error[missing_local]: no local variable `totl`
//     --> shop.rn:3:5
//      |
//    3 |     totl + 1
//      |     ^^^^
//      = hint: did you mean `total`?

#pragma once

#include "rune/limits.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace rb::rune {

enum class Severity : std::uint8_t { error, warning };

enum class DiagnosticClass : std::uint8_t {
#define RUNE_DIAGNOSTIC(class_, word) class_,
#include "rune/diagnostics.def"
#undef RUNE_DIAGNOSTIC
};

// The stable word of a class ("missing_item").
std::string_view word_of(DiagnosticClass diagnostic_class);

// A range of bytes of one source; `source` numbers the sources of a compilation.
struct Span {
    std::uint32_t start = 0;
    std::uint32_t end = 0;
    std::uint32_t source = 0;
};

struct Diagnostic {
    Severity severity = Severity::error;
    DiagnosticClass diagnostic_class = DiagnosticClass::syntax;
    std::string message;
    // Empty when none is known.
    std::string hint = {};
    std::string file = {};
    // From 1; the column counts Unicode scalars.
    std::uint32_t line = 0;
    std::uint32_t column = 0;
    Span span = {};
    // The source line for the rendering: of a long one the part around the column, with `…` where
    // something is left out and `cut` characters missing in front; control characters as `�`.
    std::string source_line = {};
    std::uint32_t cut = 0;

    // The rendering shown above, ending in a newline.
    [[nodiscard]] std::string to_string() const;
    // Its middle: the place, the source line and the marks below.
    [[nodiscard]] std::string place_to_string() const;
};

struct Expansion;

struct Source {
    // As shown in diagnostics and traces, and the base for `mod x;` ("plugins/shop.rn").
    std::string name;
    std::string text;
    // Set when a macro made the text.
    std::shared_ptr<const Expansion> expansion = {};
};

// Where an author finds what stands at `span`: of the result of a macro, the tokens it was made
// from, or else the call.
Span located(const std::vector<Source>& sources, Span span);

struct Position {
    std::uint32_t line = 1;
    std::uint32_t column = 1;
};

// The line of `source` around the byte offset `at`, for Diagnostic::source_line and cut.
void show_line(Diagnostic& diagnostic, const Source& source, std::uint32_t at);

// Where a byte offset stands in a text; columns count Unicode scalars.
Position position_of(std::string_view text, std::uint32_t offset);

// Collects what one compilation finds. Past diagnostics_max errors the later ones are dropped.
class DiagnosticSink {
public:
    explicit DiagnosticSink(const std::vector<Source>& sources) : sources_(sources) {}

    void error(DiagnosticClass diagnostic_class, Span span, std::string message,
               std::string hint = {});
    void warning(DiagnosticClass diagnostic_class, Span span, std::string message);

    // Names that are not reported as missing, because what declares them did not parse.
    void poison(std::string_view name) { poisoned_.emplace(name); }
    [[nodiscard]] bool is_poisoned(std::string_view name) const {
        return poisoned_.find(name) != poisoned_.end();
    }
    [[nodiscard]] bool has_errors() const { return error_count_ > 0; }
    [[nodiscard]] std::size_t error_count() const { return error_count_; }
    // Whether a further error would not be shown, so that its hint need not be looked for.
    [[nodiscard]] bool is_full() const { return error_count_ >= diagnostics_max; }
    // In the order of the sources. Leaves the sink empty.
    std::vector<Diagnostic> take();

private:
    void add(Severity severity, DiagnosticClass diagnostic_class, Span span, std::string message,
             std::string hint);

    const std::vector<Source>& sources_;
    std::vector<Diagnostic> found_;
    std::size_t error_count_ = 0;
    std::set<std::string, std::less<>> poisoned_;
};

// The candidate nearest to `wanted`, empty when none is near enough to be a slip of the keyboard.
std::string nearest_name(std::string_view wanted, const std::vector<std::string>& candidates);

}  // namespace rb::rune
