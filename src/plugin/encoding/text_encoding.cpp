#include "plugin/encoding/text_encoding.hpp"

#include "plugin/limits.hpp"

#include <array>
#include <cstdint>

namespace rb::plugin {

namespace {

constexpr std::string_view standard_alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view url_alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

int sextet_of(char c) {
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (c >= '0' && c <= '9') return c - '0' + 52;
    if (c == '+' || c == '-') return 62;
    if (c == '/' || c == '_') return 63;
    return -1;
}

int nibble_of(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

bool is_unreserved(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

enum class Plus { is_plus, is_space };

void append_escaped(std::string& out, char c) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += digits[byte >> 4];
    out += digits[byte & 15];
}

Result<std::string> percent_decode(std::string_view text, Plus plus) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '+' && plus == Plus::is_space) {
            out += ' ';
        } else if (text[i] != '%') {
            out += text[i];
        } else {
            const int high = i + 2 < text.size() ? nibble_of(text[i + 1]) : -1;
            const int low = i + 2 < text.size() ? nibble_of(text[i + 2]) : -1;
            if (high < 0 || low < 0) {
                return invalid_field("text", "has a '%' without two hexadecimal digits");
            }
            out += static_cast<char>(high * 16 + low);
            i += 2;
        }
    }
    return out;
}

void append_form_text(std::string& out, std::string_view text) {
    for (const char c : text) {
        if (c == ' ') {
            out += '+';
        } else if (is_unreserved(c) && c != '~') {
            out += c;
        } else {
            append_escaped(out, c);
        }
    }
}

}  // namespace

std::string base64_encode(std::string_view bytes, Base64Form form) {
    const auto alphabet = form == Base64Form::standard ? standard_alphabet : url_alphabet;
    std::string out;
    out.reserve((bytes.size() + 2) / 3 * 4);
    std::uint32_t bits = 0;
    int count = 0;
    for (const char c : bytes) {
        bits = (bits << 8) | static_cast<unsigned char>(c);
        count += 8;
        while (count >= 6) {
            count -= 6;
            out += alphabet[(bits >> count) & 63];
        }
    }
    if (count > 0) out += alphabet[(bits << (6 - count)) & 63];
    while (form == Base64Form::standard && out.size() % 4 != 0) out += '=';
    return out;
}

Result<std::string> base64_decode(std::string_view text) {
    const auto content = text.substr(0, text.find_last_not_of('=') + 1);
    const auto padding = text.size() - content.size();
    if (padding > 2 || (padding > 0 && text.size() % 4 != 0) || content.size() % 4 == 1) {
        return invalid_field("text", "is not base64: wrong length or padding");
    }
    std::string out;
    out.reserve(content.size() / 4 * 3 + 3);
    std::uint32_t bits = 0;
    int count = 0;
    for (const char c : content) {
        const int sextet = sextet_of(c);
        if (sextet < 0) return invalid_field("text", "is not base64: a character outside of it");
        bits = (bits << 6) | static_cast<std::uint32_t>(sextet);
        count += 6;
        if (count >= 8) {
            count -= 8;
            out += static_cast<char>((bits >> count) & 0xFF);
        }
    }
    if ((bits & ((1U << count) - 1)) != 0) {
        return invalid_field("text", "is not base64: bits after the last byte");
    }
    return out;
}

std::string hex_encode(std::string_view bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out;
    out.reserve(bytes.size() * 2);
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        out += digits[byte >> 4];
        out += digits[byte & 15];
    }
    return out;
}

Result<std::string> hex_decode(std::string_view text) {
    if (text.size() % 2 != 0) return invalid_field("text", "is not hex: an odd number of digits");
    std::string out;
    out.reserve(text.size() / 2);
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const int high = nibble_of(text[i]);
        const int low = nibble_of(text[i + 1]);
        if (high < 0 || low < 0) return invalid_field("text", "is not hex: another character");
        out += static_cast<char>(high * 16 + low);
    }
    return out;
}

std::string url_encode(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (const char c : text) {
        if (is_unreserved(c)) {
            out += c;
        } else {
            append_escaped(out, c);
        }
    }
    return out;
}

Result<std::string> url_decode(std::string_view text) {
    return percent_decode(text, Plus::is_plus);
}

std::string form_encode(const FieldList& fields) {
    std::string out;
    for (const auto& [name, value] : fields) {
        if (!out.empty()) out += '&';
        append_form_text(out, name);
        out += '=';
        append_form_text(out, value);
    }
    return out;
}

Result<FieldList> form_decode(std::string_view text) {
    FieldList fields;
    while (!text.empty()) {
        const auto end = text.find('&');
        const auto pair = text.substr(0, end);
        text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
        if (pair.empty()) continue;
        if (fields.size() == form_fields_max) return invalid_field("text", "has too many fields");
        const auto equals = pair.find('=');
        auto name = TRY(percent_decode(pair.substr(0, equals), Plus::is_space));
        auto value = equals == std::string_view::npos
                         ? std::string()
                         : TRY(percent_decode(pair.substr(equals + 1), Plus::is_space));
        fields.emplace_back(std::move(name), std::move(value));
    }
    return fields;
}

std::string_view front_of(std::string_view text, std::size_t bytes_max) {
    if (text.size() <= bytes_max) return text;
    auto end = bytes_max;
    while (end > 0 && (text[end] & 0xC0) == 0x80) --end;
    return text.substr(0, end);
}

}  // namespace rb::plugin
