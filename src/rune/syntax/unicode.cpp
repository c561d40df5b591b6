#include "rune/syntax/unicode.hpp"

#include <algorithm>
#include <clocale>
#include <cwctype>

namespace rb::rune {

namespace {

// A locale object of our own: the process-wide locale belongs to the host.
locale_t utf8_locale() {
    static const locale_t locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
    return locale;
}

wint_t wide(char32_t scalar) {
    return static_cast<wint_t>(scalar);
}

struct ScalarRange {
    char32_t first;
    char32_t last;
};

// The characters of the categories Cf and Co, and the marks that combine in any script.
constexpr ScalarRange shapeless[] = {
    {0x00AD, 0x00AD},   {0x0300, 0x036F},    {0x0483, 0x0489},   {0x0600, 0x0605},
    {0x061C, 0x061C},   {0x06DD, 0x06DD},    {0x070F, 0x070F},   {0x0890, 0x0891},
    {0x08E2, 0x08E2},   {0x180B, 0x180F},    {0x1AB0, 0x1ACE},   {0x1DC0, 0x1DFF},
    {0x200B, 0x200F},   {0x202A, 0x202E},    {0x2060, 0x206F},   {0x20D0, 0x20F0},
    {0x302A, 0x302F},   {0x3099, 0x309A},    {0xE000, 0xF8FF},   {0xFE00, 0xFE0F},
    {0xFE20, 0xFE2F},   {0xFEFF, 0xFEFF},    {0xFF9E, 0xFF9F},   {0xFFF9, 0xFFFB},
    {0x110BD, 0x110BD}, {0x110CD, 0x110CD},  {0x13430, 0x1343F}, {0x1BCA0, 0x1BCA3},
    {0x1D173, 0x1D17A}, {0xE0000, 0x10FFFF},
};

}  // namespace

std::optional<DecodedScalar> decode_scalar(std::string_view text, std::size_t offset) {
    if (offset >= text.size()) return std::nullopt;
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[offset + i]); };
    const unsigned char lead = byte(0);
    if (lead < 0x80) return DecodedScalar{lead, 1};
    const std::uint32_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || offset + length > text.size()) return std::nullopt;
    char32_t scalar = lead & (0x7FU >> length);
    for (std::uint32_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xC0) != 0x80) return std::nullopt;
        scalar = (scalar << 6) | (byte(i) & 0x3FU);
    }
    constexpr char32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    if (scalar < smallest[length] || !is_scalar(scalar)) return std::nullopt;
    return DecodedScalar{scalar, length};
}

void append_scalar(std::string& text, char32_t scalar) {
    const auto put = [&](std::uint32_t byte) { text.push_back(static_cast<char>(byte)); };
    if (scalar < 0x80) {
        put(scalar);
    } else if (scalar < 0x800) {
        put(0xC0 | (scalar >> 6));
        put(0x80 | (scalar & 0x3F));
    } else if (scalar < 0x10000) {
        put(0xE0 | (scalar >> 12));
        put(0x80 | ((scalar >> 6) & 0x3F));
        put(0x80 | (scalar & 0x3F));
    } else {
        put(0xF0 | (scalar >> 18));
        put(0x80 | ((scalar >> 12) & 0x3F));
        put(0x80 | ((scalar >> 6) & 0x3F));
        put(0x80 | (scalar & 0x3F));
    }
}

std::size_t valid_utf8_prefix(std::string_view text) {
    std::size_t at = 0;
    while (at < text.size()) {
        if (static_cast<unsigned char>(text[at]) < 0x80) {
            ++at;
            continue;
        }
        const auto decoded = decode_scalar(text, at);
        if (!decoded) return at;
        at += decoded->length;
    }
    return at;
}

bool is_valid_utf8(std::string_view text) {
    return valid_utf8_prefix(text) == text.size();
}

std::size_t count_scalars(std::string_view text) {
    std::size_t count = 0;
    for (const char byte : text) count += (byte & 0xC0) != 0x80 ? 1 : 0;
    return count;
}

bool is_alphabetic(char32_t scalar) {
    if (scalar < 0x80) return (scalar | 0x20) >= 'a' && (scalar | 0x20) <= 'z';
    // The C library counts non-ASCII digits as letters.
    return iswalpha_l(wide(scalar), utf8_locale()) != 0 && !is_numeric(scalar);
}

bool is_numeric(char32_t scalar) {
    if (scalar < 0x80) return scalar >= '0' && scalar <= '9';
    struct Range {
        char32_t first;
        char32_t last;
    };
    // Decimal digits of the common scripts, superscripts, fractions, Roman numerals, circled
    // digits.
    static constexpr Range ranges[] = {
        {0xB2, 0xB3},     {0xB9, 0xB9},     {0xBC, 0xBE},     {0x660, 0x669},   {0x6F0, 0x6F9},
        {0x7C0, 0x7C9},   {0x966, 0x96F},   {0x9E6, 0x9EF},   {0xA66, 0xA6F},   {0xAE6, 0xAEF},
        {0xB66, 0xB6F},   {0xBE6, 0xBF2},   {0xC66, 0xC6F},   {0xCE6, 0xCEF},   {0xD66, 0xD75},
        {0xE50, 0xE59},   {0xED0, 0xED9},   {0xF20, 0xF33},   {0x1040, 0x1049}, {0x17E0, 0x17E9},
        {0x1810, 0x1819}, {0x2070, 0x2070}, {0x2074, 0x2079}, {0x2080, 0x2089}, {0x2150, 0x2189},
        {0x2460, 0x249B}, {0x24EA, 0x24FF}, {0x2776, 0x2793}, {0x3007, 0x3007}, {0x3021, 0x3029},
        {0x3038, 0x303A}, {0x3220, 0x3229}, {0x3280, 0x3289}, {0xFF10, 0xFF19}, {0x1D7CE, 0x1D7FF},
    };
    for (const auto& range : ranges) {
        if (scalar >= range.first && scalar <= range.last) return true;
    }
    return false;
}

bool is_whitespace(char32_t scalar) {
    if (scalar < 0x80) return scalar == ' ' || (scalar >= '\t' && scalar <= '\r');
    return scalar == 0x85 || scalar == 0xA0 || scalar == 0x1680 ||
           (scalar >= 0x2000 && scalar <= 0x200A) || scalar == 0x2028 || scalar == 0x2029 ||
           scalar == 0x202F || scalar == 0x205F || scalar == 0x3000;
}

bool is_uppercase(char32_t scalar) {
    if (scalar < 0x80) return scalar >= 'A' && scalar <= 'Z';
    return iswupper_l(wide(scalar), utf8_locale()) != 0;
}

bool is_lowercase(char32_t scalar) {
    if (scalar < 0x80) return scalar >= 'a' && scalar <= 'z';
    return iswlower_l(wide(scalar), utf8_locale()) != 0;
}

bool is_control(char32_t scalar) {
    return scalar < 0x20 || (scalar >= 0x7F && scalar < 0xA0);
}

bool is_printable(char32_t scalar) {
    if (scalar < 0x7F) return scalar >= 0x20;
    if (is_control(scalar) || is_whitespace(scalar)) return false;
    const auto* range = std::ranges::lower_bound(shapeless, scalar, {}, &ScalarRange::last);
    if (range != std::end(shapeless) && scalar >= range->first) return false;
    return iswprint_l(wide(scalar), utf8_locale()) != 0;
}

char32_t to_lower(char32_t scalar) {
    if (scalar < 0x80) return scalar >= 'A' && scalar <= 'Z' ? scalar + 32 : scalar;
    return static_cast<char32_t>(towlower_l(wide(scalar), utf8_locale()));
}

char32_t to_upper(char32_t scalar) {
    if (scalar < 0x80) return scalar >= 'a' && scalar <= 'z' ? scalar - 32 : scalar;
    return static_cast<char32_t>(towupper_l(wide(scalar), utf8_locale()));
}

std::string to_lowercase(std::string_view text) {
    std::string result;
    result.reserve(text.size());
    char32_t before = 0;
    for (std::size_t i = 0; i < text.size();) {
        const auto decoded = decode_scalar(text, i);
        if (!decoded) break;
        i += decoded->length;
        char32_t lower = to_lower(decoded->scalar);
        if (decoded->scalar == 0x3A3) {
            // The final sigma: a letter before it and none after it.
            const auto after = decode_scalar(text, i);
            const bool ends = !after || !is_alphabetic(after->scalar);
            lower = is_alphabetic(before) && ends ? 0x3C2 : 0x3C3;
        } else if (decoded->scalar == 0x130) {
            result += "i\xCC\x87";
            before = 'i';
            continue;
        }
        append_scalar(result, lower);
        before = decoded->scalar;
    }
    return result;
}

std::string to_uppercase(std::string_view text) {
    std::string result;
    result.reserve(text.size());
    for (std::size_t i = 0; i < text.size();) {
        const auto decoded = decode_scalar(text, i);
        if (!decoded) break;
        i += decoded->length;
        switch (decoded->scalar) {
            case 0xDF:
                result += "SS";
                break;
            case 0x149:
                result += "\xCA\xBCN";
                break;
            case 0xFB00:
                result += "FF";
                break;
            case 0xFB01:
                result += "FI";
                break;
            case 0xFB02:
                result += "FL";
                break;
            default:
                append_scalar(result, to_upper(decoded->scalar));
        }
    }
    return result;
}

bool is_identifier_start(char32_t scalar) {
    return scalar == '_' || is_alphabetic(scalar);
}

bool is_identifier_continue(char32_t scalar) {
    if (scalar < 0x80) return scalar == '_' || is_alphabetic(scalar) || is_numeric(scalar);
    // Letters, decimal digits and combining marks.
    return is_alphabetic(scalar) || iswalnum_l(wide(scalar), utf8_locale()) != 0 ||
           (scalar >= 0x300 && scalar <= 0x36F);
}

}  // namespace rb::rune
