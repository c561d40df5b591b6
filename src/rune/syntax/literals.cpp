#include "rune/syntax/literals.hpp"

#include "rune/syntax/unicode.hpp"

#include <charconv>
#include <limits>

namespace rb::rune {

namespace {

struct Suffix {
    std::string_view text;
    char family;
    int bits;
};

constexpr Suffix suffixes[] = {
    {"u8", 'u', 8},   {"u16", 'u', 16}, {"u32", 'u', 32}, {"u64", 'u', 64}, {"i8", 'i', 8},
    {"i16", 'i', 16}, {"i32", 'i', 32}, {"i64", 'i', 64}, {"f32", 'f', 32}, {"f64", 'f', 64},
};

int digit_of(char byte) {
    if (byte >= '0' && byte <= '9') return byte - '0';
    if (byte >= 'a' && byte <= 'f') return byte - 'a' + 10;
    if (byte >= 'A' && byte <= 'F') return byte - 'A' + 10;
    return 99;
}

Literal floating_literal(double value) {
    Literal literal;
    literal.kind = LiteralKind::floating;
    literal.floating = value;
    return literal;
}

// The magnitude of the digits; nothing when a digit is wrong or it exceeds 64 bits.
std::optional<std::uint64_t> magnitude_of(std::string_view digits, unsigned radix,
                                          std::string& why) {
    std::uint64_t value = 0;
    bool any = false;
    for (const char byte : digits) {
        if (byte == '_') continue;
        const auto digit = static_cast<unsigned>(digit_of(byte));
        if (digit >= radix) {
            why = "`" + std::string(1, byte) + "` is no digit or suffix of this number";
            return std::nullopt;
        }
        any = true;
        if (__builtin_mul_overflow(value, radix, &value) ||
            __builtin_add_overflow(value, digit, &value)) {
            why = "number is out of range";
            return std::nullopt;
        }
    }
    if (!any) why = "number without digits";
    return any ? std::optional(value) : std::nullopt;
}

std::optional<Literal> integer_literal(std::uint64_t magnitude, bool negative, const Suffix* suffix,
                                       std::string& why) {
    Literal literal;
    const int bits = suffix == nullptr ? 64 : suffix->bits;
    const std::uint64_t unsigned_max = std::numeric_limits<std::uint64_t>::max() >> (64 - bits);
    if (suffix != nullptr && suffix->family == 'u') {
        literal.kind = LiteralKind::unsigned_integer;
        literal.unsigned_integer = magnitude;
        if (magnitude <= unsigned_max && (!negative || magnitude == 0)) return literal;
    } else {
        literal.kind = LiteralKind::integer;
        literal.unsigned_integer = negative ? 0 - magnitude : magnitude;
        if (magnitude <= unsigned_max / 2 + (negative ? 1 : 0)) return literal;
    }
    why = "number is out of range for `" + std::string(suffix == nullptr ? "i64" : suffix->text) +
          "`";
    return std::nullopt;
}

std::optional<Literal> float_literal(std::string_view digits, bool negative, std::string& why) {
    std::string plain;
    for (const char byte : digits) {
        if (byte != '_') plain.push_back(byte);
    }
    double value = 0;
    const auto [end, error] = std::from_chars(plain.data(), plain.data() + plain.size(), value);
    if (error == std::errc::result_out_of_range) {
        value =
            plain.find("e-") != std::string::npos ? 0.0 : std::numeric_limits<double>::infinity();
    } else if (error != std::errc() || end != plain.data() + plain.size()) {
        why = "malformed number";
        return std::nullopt;
    }
    return floating_literal(negative ? -value : value);
}

}  // namespace

std::optional<Literal> decode_number(std::string_view text, bool negative, std::string& why) {
    unsigned radix = 10;
    if (text.size() > 1 && text[0] == '0') {
        radix = text[1] == 'x' ? 16 : text[1] == 'o' ? 8 : text[1] == 'b' ? 2 : 10;
    }
    if (radix != 10) text.remove_prefix(2);
    const Suffix* suffix = nullptr;
    for (const auto& candidate : suffixes) {
        // In hexadecimal `1f32` is all digits.
        if (radix == 16 && candidate.family == 'f') continue;
        if (text.size() > candidate.text.size() && text.ends_with(candidate.text)) {
            suffix = &candidate;
            text.remove_suffix(candidate.text.size());
            break;
        }
    }
    const bool fraction = radix == 10 && text.find_first_of(".e") != std::string_view::npos;
    if (fraction || (suffix != nullptr && suffix->family == 'f')) {
        if (radix != 10 || (suffix != nullptr && suffix->family != 'f')) {
            why = "this suffix does not fit the number";
            return std::nullopt;
        }
        return float_literal(text, negative, why);
    }
    const auto magnitude = magnitude_of(text, radix, why);
    if (!magnitude) return std::nullopt;
    return integer_literal(*magnitude, negative, suffix, why);
}

namespace {

class Unescaper {
public:
    Unescaper(std::string_view text, EscapeMode mode) : text_(text), mode_(mode) {}

    std::optional<std::string> run(std::string& why, std::size_t& offset) {
        while (at_ < text_.size()) {
            if (text_[at_] != '\\') {
                result_.push_back(text_[at_++]);
                continue;
            }
            const std::size_t start = at_;
            if (!escape(why)) {
                offset = start;
                return std::nullopt;
            }
        }
        return std::move(result_);
    }

private:
    bool escape(std::string& why) {
        ++at_;
        const char kind = at_ < text_.size() ? text_[at_++] : '\0';
        switch (kind) {
            case 'n':
                result_.push_back('\n');
                return true;
            case 'r':
                result_.push_back('\r');
                return true;
            case 't':
                result_.push_back('\t');
                return true;
            case '0':
                result_.push_back('\0');
                return true;
            case '\\':
            case '\'':
            case '"':
                result_.push_back(kind);
                return true;
            case '\r':
            case '\n':
                while (at_ < text_.size() &&
                       is_whitespace(static_cast<unsigned char>(text_[at_]))) {
                    ++at_;
                }
                return true;
            case 'x':
                return hex(why);
            case 'u':
                if (mode_ != EscapeMode::bytes) return scalar(why);
                break;
            case '`':
            case '$':
            case '{':
            case '}':
                if (mode_ == EscapeMode::template_text) {
                    result_.push_back(kind);
                    return true;
                }
                break;
            default:
                break;
        }
        why = "unknown escape";
        return false;
    }

    bool hex(std::string& why) {
        const int high = at_ < text_.size() ? digit_of(text_[at_]) : 99;
        const int low = at_ + 1 < text_.size() ? digit_of(text_[at_ + 1]) : 99;
        if (high > 15 || low > 15) {
            why = "`\\x` needs two hexadecimal digits";
            return false;
        }
        at_ += 2;
        if (mode_ != EscapeMode::bytes && high > 7) {
            why = "`\\x` above 7F is allowed in bytes only";
            return false;
        }
        result_.push_back(static_cast<char>(high * 16 + low));
        return true;
    }

    bool scalar(std::string& why) {
        why = "`\\u` needs one to six hexadecimal digits in braces";
        if (at_ >= text_.size() || text_[at_] != '{') return false;
        ++at_;
        std::uint64_t value = 0;
        int digits = 0;
        while (at_ < text_.size() && digit_of(text_[at_]) < 16 && digits < 6) {
            value = value * 16 + static_cast<std::uint64_t>(digit_of(text_[at_++]));
            ++digits;
        }
        if (digits == 0 || at_ >= text_.size() || text_[at_] != '}') return false;
        ++at_;
        if (!is_scalar(value)) {
            why = "`\\u` names no Unicode scalar";
            return false;
        }
        append_scalar(result_, static_cast<char32_t>(value));
        return true;
    }

    std::string_view text_;
    EscapeMode mode_;
    std::size_t at_ = 0;
    std::string result_;
};

}  // namespace

std::optional<std::string> unescape(std::string_view text, EscapeMode mode, std::string& why,
                                    std::size_t& offset) {
    return Unescaper(text, mode).run(why, offset);
}

}  // namespace rb::rune
