#include "core/text.hpp"

#include "base/utf8.hpp"

namespace rb::core {

namespace {

bool is_control(char32_t c, LineBreaks line_breaks) {
    if (line_breaks == LineBreaks::allowed && (c == '\n' || c == '\r' || c == '\t')) return false;
    // C0, DEL, C1, and the two Unicode line separators.
    return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x2028 || c == 0x2029;
}

}  // namespace

std::optional<std::size_t> count_characters(std::string_view text) {
    std::size_t count = 0;
    for (; !text.empty(); ++count) {
        const auto character = first_character(text);
        if (!character) return std::nullopt;
        text.remove_prefix(character->bytes);
    }
    return count;
}

Result<> check_text(std::string_view text, const TextRule& rule) {
    std::size_t count = 0;
    for (auto rest = text; !rest.empty(); ++count) {
        const auto character = first_character(rest);
        if (!character) return invalid_field(std::string(rule.field), "must be valid UTF-8");
        if (is_control(character->code_point, rule.line_breaks)) {
            return invalid_field(std::string(rule.field), "must not hold control characters");
        }
        rest.remove_prefix(character->bytes);
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
