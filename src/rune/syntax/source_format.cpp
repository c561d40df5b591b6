#include "rune/syntax/source_format.hpp"

#include "rune/syntax/lexer.hpp"

#include <algorithm>
#include <string_view>
#include <vector>

namespace rb::rune {
namespace {

constexpr std::size_t indent_width = 4;
constexpr std::size_t whole_text = std::string_view::npos;

bool opens(TokenKind kind) {
    return kind == TokenKind::open_brace || kind == TokenKind::open_paren ||
           kind == TokenKind::open_bracket || kind == TokenKind::hole_open;
}

bool closes(TokenKind kind) {
    return kind == TokenKind::close_brace || kind == TokenKind::close_paren ||
           kind == TokenKind::close_bracket || kind == TokenKind::hole_close;
}

// Whether a line that starts so continues the expression of the line above.
bool continues(TokenKind kind) {
    return kind == TokenKind::dot || kind == TokenKind::amp_amp || kind == TokenKind::question ||
           kind == TokenKind::plus;
}

struct Line {
    std::size_t start = 0;
    std::size_t end = 0;
    // It starts inside a literal or a comment.
    bool inside = false;
};

std::vector<Line> lines_of(std::string_view text) {
    std::vector<Line> lines;
    for (std::size_t start = 0; start <= text.size();) {
        const std::size_t end = std::min(text.find('\n', start), text.size());
        lines.push_back({start, end});
        start = end + 1;
    }
    return lines;
}

class Formatter {
public:
    Formatter(std::string_view text, std::vector<Token> tokens)
        : text_(text), tokens_(std::move(tokens)), lines_(lines_of(text)) {
        mark_inner_lines();
    }

    std::string run() {
        bool blank_before = true;
        for (std::size_t i = 0; i < lines_.size(); ++i) {
            const std::string line = formatted(i);
            const bool blank = line.empty() && !lines_[i].inside;
            // At the start of a text `#!` would begin a comment that was none before.
            if (result_.empty() && begins_with_shebang(line) && !begins_with_shebang(text_)) {
                result_ = " ";
            }
            if (!(blank && blank_before)) result_ += line + "\n";
            blank_before = blank;
        }
        result_.erase(result_.find_last_not_of('\n') + 1);
        return result_.empty() ? result_ : result_ + "\n";
    }

private:
    // Comments are the gaps between tokens that hold `/*`; literals are tokens.
    void mark_inner_lines() {
        std::size_t gap = begins_with_shebang(text_) ? lines_.front().end : 0;
        for (const Token& token : tokens_) {
            for (std::size_t at = gap; at < token.start;) at = skip_comment(at, token.start);
            mark(token.start, token.end);
            gap = token.end;
        }
    }

    // Steps over what stands at `at` in a gap, marking a block comment.
    std::size_t skip_comment(std::size_t at, std::size_t gap_end) {
        if (text_.substr(at, 2) == "//") return std::min(text_.find('\n', at), gap_end);
        if (text_.substr(at, 2) != "/*") return at + 1;
        const std::size_t close = text_.find("*/", at + 2);
        const std::size_t end = close == whole_text ? gap_end : close + 2;
        mark(at, end);
        return end;
    }

    void mark(std::size_t start, std::size_t end) {
        auto line =
            std::upper_bound(lines_.begin(), lines_.end(), start,
                             [](std::size_t at, const Line& one) { return at < one.start; });
        for (; line != lines_.end() && line->start < end; ++line) line->inside = true;
    }

    std::string formatted(std::size_t index) {
        const Line& line = lines_[index];
        const bool next_inside = index + 1 < lines_.size() && lines_[index + 1].inside;
        std::string_view content = text_.substr(line.start, line.end - line.start);
        if (!next_inside) content = content.substr(0, content.find_last_not_of(" \t\r") + 1);
        if (!line.inside)
            content.remove_prefix(std::min(content.find_first_not_of(" \t"), content.size()));
        const std::size_t indent = indent_of(line, index);
        if (line.inside || content.empty()) return std::string(content);
        return std::string(indent * indent_width, ' ') + std::string(content);
    }

    // Walks the tokens of the line; gives the indentation of its start.
    std::size_t indent_of(const Line& line, std::size_t index) {
        bool leading = true;
        bool found = false;
        std::size_t indent = open_lines();
        for (; next_ < tokens_.size() && tokens_[next_].start < line.end; ++next_) {
            const TokenKind kind = tokens_[next_].kind;
            if (closes(kind) && !open_.empty()) open_.pop_back();
            leading = leading && closes(kind);
            if (leading) indent = open_lines();
            if (!found && continues(kind)) ++indent;
            found = true;
            if (opens(kind)) open_.push_back(index);
        }
        return indent;
    }

    // Brackets opened on one line indent once.
    [[nodiscard]] std::size_t open_lines() const {
        std::size_t count = 0;
        for (std::size_t i = 0; i < open_.size(); ++i) {
            if (i == 0 || open_[i] != open_[i - 1]) ++count;
        }
        return count;
    }

    std::string_view text_;
    std::vector<Token> tokens_;
    std::vector<Line> lines_;
    std::size_t next_ = 0;
    // The line of each bracket now open.
    std::vector<std::size_t> open_;
    std::string result_;
};

}  // namespace

std::string format_source(const std::string& text, DiagnosticSink& sink) {
    std::vector<Token> tokens = tokenize(text, 0, sink);
    if (sink.has_errors()) return text;
    return Formatter(text, std::move(tokens)).run();
}

}  // namespace rb::rune
