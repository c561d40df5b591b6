#include "rune/syntax/lexer.hpp"

#include "rune/limits.hpp"
#include "rune/syntax/unicode.hpp"

#include <algorithm>
#include <array>
#include <unordered_map>

namespace rb::rune {

namespace {

struct Punct {
    TokenKind kind;
    std::string_view text;
};

constexpr Punct puncts[] = {
#define RUNE_PUNCT(name, text) {TokenKind::name, text},
#include "rune/syntax/tokens.def"
};

// The punctuation that begins with a character, in the order of tokens.def: the longest first.
const std::vector<Punct>& puncts_with(char first) {
    static const auto table = [] {
        std::array<std::vector<Punct>, 256> made;
        for (const auto& punct : puncts) {
            made[static_cast<unsigned char>(punct.text.front())].push_back(punct);
        }
        return made;
    }();
    return table[static_cast<unsigned char>(first)];
}

const std::unordered_map<std::string_view, TokenKind>& keywords() {
    static const std::unordered_map<std::string_view, TokenKind> table = {
#define RUNE_KEYWORD(name, text) {text, TokenKind::name},
#include "rune/syntax/tokens.def"
    };
    return table;
}

bool is_digit(char byte) {
    return byte >= '0' && byte <= '9';
}

class Lexer {
public:
    Lexer(std::string_view text, std::uint32_t source, DiagnosticSink& sink)
        : text_(text), source_(source), sink_(sink) {
        tokens_.reserve(text.size() / 4 + 8);
    }

    std::vector<Token> run() {
        if (begins_with_shebang(text_)) skip_line();
        lex_until_close(/*nesting=*/0);
        push(TokenKind::end, at_);
        return std::move(tokens_);
    }

private:
    [[nodiscard]] char peek(std::size_t ahead = 0) const {
        return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
    }
    [[nodiscard]] bool done() const { return at_ >= text_.size(); }

    void push(TokenKind kind, std::uint32_t start) { tokens_.push_back({kind, start, at_}); }

    void error(std::uint32_t start, std::string message, std::string hint = {}) {
        sink_.error(DiagnosticClass::syntax, {start, std::max(at_, start + 1), source_},
                    std::move(message), std::move(hint));
    }

    void skip_line() {
        while (!done() && peek() != '\n') ++at_;
    }

    // Lexes to the end of the text or, inside a template, to the `}` that closes the hole.
    void lex_until_close(int nesting) {
        int braces = 0;
        while (true) {
            skip_blank();
            if (done()) return;
            if (nesting > 0) {
                if (peek() == '{') ++braces;
                if (peek() == '}' && braces-- == 0) return;
            }
            lex_token(nesting);
        }
    }

    void skip_blank() {
        while (!done()) {
            const char byte = peek();
            if (byte == ' ' || byte == '\n' || byte == '\t' || byte == '\r') {
                ++at_;
            } else if (byte == '/' && peek(1) == '/') {
                line_comment();
            } else if (byte == '/' && peek(1) == '*') {
                block_comment();
            } else if (static_cast<unsigned char>(byte) < 0x80) {
                return;
            } else {
                const auto decoded = decode_scalar(text_, at_);
                const bool blank = decoded && (is_whitespace(decoded->scalar) ||
                                               (decoded->scalar == 0xFEFF && at_ == 0));
                if (!blank) return;
                at_ += decoded->length;
            }
        }
    }

    void line_comment() {
        const std::uint32_t start = at_;
        skip_line();
        const auto comment = text_.substr(start, at_ - start);
        if (comment.starts_with("//!")) {
            push(TokenKind::inner_doc, start);
        } else if (comment.starts_with("///") && !comment.starts_with("////")) {
            push(TokenKind::outer_doc, start);
        }
    }

    void block_comment() {
        const std::uint32_t start = at_;
        const auto close = text_.find("*/", at_ + 2);
        if (close == std::string_view::npos) {
            at_ = static_cast<std::uint32_t>(text_.size());
            error(start, "this comment is never closed with `*/`");
            return;
        }
        at_ = static_cast<std::uint32_t>(close + 2);
        const auto comment = text_.substr(start, at_ - start);
        if (comment.starts_with("/*!")) {
            push(TokenKind::inner_doc, start);
        } else if (comment.starts_with("/**") && comment.size() > 4 &&
                   !comment.starts_with("/***")) {
            push(TokenKind::outer_doc, start);
        }
    }

    void lex_token(int nesting) {
        const std::uint32_t start = at_;
        const char byte = peek();
        if (is_digit(byte)) return number();
        if (byte == '"') return quoted(TokenKind::string, 1, '"');
        if (byte == '`') return template_literal(nesting);
        if (byte == '\'') return character_or_label();
        if (byte == 'b' && peek(1) == '"') return quoted(TokenKind::byte_string, 2, '"');
        if (byte == 'b' && peek(1) == '\'') return quoted(TokenKind::byte, 2, '\'');
        const auto decoded = decode_scalar(text_, at_);
        if (decoded && is_identifier_start(decoded->scalar)) return identifier();
        for (const auto& punct : puncts_with(byte)) {
            if (text_.substr(at_).starts_with(punct.text)) {
                at_ += static_cast<std::uint32_t>(punct.text.size());
                return push(punct.kind, start);
            }
        }
        at_ += decoded ? decoded->length : 1;
        if (!decoded) {
            error(start, "invalid UTF-8");
        } else {
            error(start,
                  "unexpected character `" + std::string(text_.substr(start, at_ - start)) + "`");
        }
    }

    void identifier() {
        const std::uint32_t start = at_;
        while (!done()) {
            const char byte = peek();
            if (static_cast<unsigned char>(byte) < 0x80) {
                if (!is_identifier_continue(static_cast<unsigned char>(byte))) break;
                ++at_;
                continue;
            }
            const auto decoded = decode_scalar(text_, at_);
            if (!decoded || !is_identifier_continue(decoded->scalar)) break;
            at_ += decoded->length;
        }
        const auto word = text_.substr(start, at_ - start);
        if (word == "_") return push(TokenKind::underscore, start);
        const auto found = keywords().find(word);
        push(found == keywords().end() ? TokenKind::identifier : found->second, start);
    }

    // Takes digits, the suffix and the exponent; whether they make sense is decided by literals.
    void number() {
        const std::uint32_t start = at_;
        const bool radix = peek() == '0' && (peek(1) == 'x' || peek(1) == 'o' || peek(1) == 'b');
        const auto word = [&] {
            while (is_identifier_continue(static_cast<unsigned char>(peek())) &&
                   static_cast<unsigned char>(peek()) < 0x80 && !done()) {
                const bool exponent = !radix && peek() == 'e' &&
                                      (peek(1) == '+' || peek(1) == '-') && is_digit(peek(2));
                at_ += exponent ? 2 : 1;
            }
        };
        if (radix) {
            word();
            return push(TokenKind::number, start);
        }
        while (is_digit(peek()) || peek() == '_') ++at_;
        if (peek() == '.' && fraction_follows()) {
            ++at_;
            while (is_digit(peek()) || peek() == '_') ++at_;
        }
        word();
        push(TokenKind::number, start);
    }

    // `1.5` and `1.` are floats, `1.max(2)`, `1..2` and `t.0.name` are not.
    [[nodiscard]] bool fraction_follows() const {
        if (is_digit(peek(1))) return true;
        if (peek(1) == '.') return false;
        const auto next = decode_scalar(text_, at_ + 1);
        return !next || !is_identifier_start(next->scalar);
    }

    void quoted(TokenKind kind, std::uint32_t prefix, char quote) {
        const std::uint32_t start = at_;
        at_ += prefix;
        while (!done() && peek() != quote) {
            if (quote == '\'' && peek() == '\n') break;
            at_ += peek() == '\\' && at_ + 1 < text_.size() ? 2 : 1;
        }
        if (done() || peek() != quote) {
            error(start, "this literal is never closed");
            return push(TokenKind::error, start);
        }
        ++at_;
        push(kind, start);
    }

    void character_or_label() {
        const std::uint32_t start = at_;
        std::uint32_t end = at_ + 1;
        while (end < text_.size() &&
               ((text_[end] >= 'a' && text_[end] <= 'z') || is_digit(text_[end]))) {
            ++end;
        }
        if (end > at_ + 1 && (end >= text_.size() || text_[end] != '\'')) {
            at_ = end;
            return push(TokenKind::label, start);
        }
        quoted(TokenKind::character, 1, '\'');
    }

    void template_literal(int nesting) {
        const std::uint32_t start = at_++;
        if (nesting >= parse_depth_max) {
            at_ = static_cast<std::uint32_t>(text_.size());
            return error(start, "templates are nested too deep");
        }
        push(TokenKind::template_open, start);
        std::uint32_t text_start = at_;
        const auto flush = [&] {
            if (at_ > text_start) push(TokenKind::template_text, text_start);
        };
        while (!done() && peek() != '`') {
            if (peek() == '\\' && at_ + 1 < text_.size()) {
                at_ += 2;
            } else if (peek() == '$' && peek(1) == '{') {
                flush();
                const std::uint32_t hole = at_;
                at_ += 2;
                push(TokenKind::hole_open, hole);
                lex_until_close(nesting + 1);
                if (done()) break;
                const std::uint32_t close = at_++;
                push(TokenKind::hole_close, close);
                text_start = at_;
            } else {
                ++at_;
            }
        }
        if (done()) return error(start, "this template is never closed");
        flush();
        const std::uint32_t close = at_++;
        push(TokenKind::template_close, close);
    }

    std::string_view text_;
    std::uint32_t source_;
    DiagnosticSink& sink_;
    std::uint32_t at_ = 0;
    std::vector<Token> tokens_;
};

}  // namespace

std::string_view describe(TokenKind kind) {
    switch (kind) {
        case TokenKind::end:
            return "end of file";
        case TokenKind::error:
            return "invalid token";
        case TokenKind::identifier:
            return "identifier";
        case TokenKind::underscore:
            return "`_`";
        case TokenKind::number:
            return "number";
        case TokenKind::string:
            return "string";
        case TokenKind::byte_string:
            return "byte string";
        case TokenKind::character:
            return "character";
        case TokenKind::byte:
            return "byte";
        case TokenKind::label:
            return "label";
        case TokenKind::template_open:
        case TokenKind::template_text:
        case TokenKind::template_close:
            return "template";
        case TokenKind::hole_open:
            return "`${`";
        case TokenKind::hole_close:
            return "`}`";
        case TokenKind::outer_doc:
        case TokenKind::inner_doc:
            return "doc comment";
#define RUNE_KEYWORD(name, text) \
    case TokenKind::name:        \
        return "`" text "`";
#define RUNE_PUNCT(name, text) \
    case TokenKind::name:      \
        return "`" text "`";
#include "rune/syntax/tokens.def"
    }
    return "token";
}

bool is_keyword(TokenKind kind) {
    switch (kind) {
#define RUNE_KEYWORD(name, text) case TokenKind::name:
#include "rune/syntax/tokens.def"
        return true;
        default:
            return false;
    }
}

bool begins_with_shebang(std::string_view text) {
    return text.starts_with("#!") && !text.starts_with("#![");
}

std::vector<Token> tokenize(std::string_view text, std::uint32_t source, DiagnosticSink& sink) {
    return Lexer(text, source, sink).run();
}

}  // namespace rb::rune
