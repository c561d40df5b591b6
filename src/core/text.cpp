#include "core/text.hpp"

#include <cstdint>

namespace rb::core {

namespace {

struct Decoded {
    char32_t code_point;
    std::size_t bytes;
};

// The code point at the start of `text`, per the table of RFC 3629, 4.
std::optional<Decoded> decode_first(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
    const std::uint8_t first = byte(0);
    if (first < 0x80) return Decoded{first, 1};
    const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4 || text.size() < length) return std::nullopt;

    auto code_point = static_cast<char32_t>(first & (0xFFu >> (length + 1)));
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xC0) != 0x80) return std::nullopt;
        code_point = (code_point << 6) | (byte(i) & 0x3Fu);
    }
    constexpr char32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    const bool is_surrogate = code_point >= 0xD800 && code_point <= 0xDFFF;
    if (code_point < smallest[length] || code_point > 0x10FFFF || is_surrogate) return std::nullopt;
    return Decoded{code_point, length};
}

bool is_control(char32_t c, LineBreaks line_breaks) {
    if (line_breaks == LineBreaks::allowed && (c == '\n' || c == '\r' || c == '\t')) return false;
    // C0, DEL, C1, and the two Unicode line separators.
    return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x2028 || c == 0x2029;
}

}  // namespace

std::optional<std::size_t> count_characters(std::string_view text) {
    std::size_t count = 0;
    for (; !text.empty(); ++count) {
        const auto decoded = decode_first(text);
        if (!decoded) return std::nullopt;
        text.remove_prefix(decoded->bytes);
    }
    return count;
}

Result<> check_text(std::string_view text, const TextRule& rule) {
    std::size_t count = 0;
    for (auto rest = text; !rest.empty(); ++count) {
        const auto decoded = decode_first(rest);
        if (!decoded) return invalid_field(std::string(rule.field), "must be valid UTF-8");
        if (is_control(decoded->code_point, rule.line_breaks)) {
            return invalid_field(std::string(rule.field), "must not hold control characters");
        }
        rest.remove_prefix(decoded->bytes);
    }
    if (count < rule.chars_min) {
        if (rule.chars_min == 1) return invalid_field(std::string(rule.field), "must not be empty");
        return invalid_field(
            std::string(rule.field),
            "must have at least " + std::to_string(rule.chars_min) + " characters");
    }
    if (count > rule.chars_max) {
        return invalid_field(std::string(rule.field),
                             "must have at most " + std::to_string(rule.chars_max) + " characters");
    }
    return {};
}

std::string to_lower_ascii(std::string_view text) {
    std::string lower(text);
    for (char& c : lower) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return lower;
}

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view blanks = " \t\r\n";
    const auto first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

}  // namespace rb::core
