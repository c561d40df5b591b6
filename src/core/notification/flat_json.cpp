#include "core/notification/flat_json.hpp"

#include <cstdint>
#include <optional>

namespace rb::core {

namespace {

void append_string(std::string& json, std::string_view text) {
    constexpr char digits[] = "0123456789abcdef";
    json += '"';
    for (const char c : text) {
        const auto byte = static_cast<std::uint8_t>(c);
        if (c == '"' || c == '\\') {
            json += '\\';
            json += c;
        } else if (byte < 0x20) {
            json += "\\u00";
            json += digits[byte >> 4];
            json += digits[byte & 15];
        } else {
            json += c;
        }
    }
    json += '"';
}

void append_utf8(std::string& text, char32_t c) {
    const auto add = [&](char32_t bits) { text += static_cast<char>(bits); };
    if (c < 0x80) {
        add(c);
    } else if (c < 0x800) {
        add(0xC0 | (c >> 6));
        add(0x80 | (c & 0x3F));
    } else if (c < 0x10000) {
        add(0xE0 | (c >> 12));
        add(0x80 | ((c >> 6) & 0x3F));
        add(0x80 | (c & 0x3F));
    } else {
        add(0xF0 | (c >> 18));
        add(0x80 | ((c >> 12) & 0x3F));
        add(0x80 | ((c >> 6) & 0x3F));
        add(0x80 | (c & 0x3F));
    }
}

// Reads from the front of `rest`; each step says whether it found what it wants.
class Reader {
public:
    explicit Reader(std::string_view text) : rest_(text) {}

    bool take(char wanted) {
        skip_blanks();
        if (rest_.empty() || rest_.front() != wanted) return false;
        rest_.remove_prefix(1);
        return true;
    }

    bool at_end() {
        skip_blanks();
        return rest_.empty();
    }

    std::optional<std::string> string() {
        if (!take('"')) return std::nullopt;
        std::string text;
        while (!rest_.empty()) {
            const char c = rest_.front();
            rest_.remove_prefix(1);
            if (c == '"') return text;
            if (static_cast<std::uint8_t>(c) < 0x20) return std::nullopt;
            if (c != '\\') {
                text += c;
            } else if (!escape(text)) {
                return std::nullopt;
            }
        }
        return std::nullopt;
    }

private:
    void skip_blanks() {
        while (!rest_.empty() && std::string_view(" \t\r\n").find(rest_.front()) != rest_.npos) {
            rest_.remove_prefix(1);
        }
    }

    bool escape(std::string& text) {
        if (rest_.empty()) return false;
        const char c = rest_.front();
        rest_.remove_prefix(1);
        if (c == 'u') return unicode_escape(text);
        constexpr std::string_view names = "\"\\/bfnrt";
        constexpr std::string_view values = "\"\\/\b\f\n\r\t";
        const auto which = names.find(c);
        if (which == names.npos) return false;
        text += values[which];
        return true;
    }

    // RFC 8259, 7: what lies beyond the first plane is written as a pair of surrogates.
    bool unicode_escape(std::string& text) {
        const auto first = four_digits();
        if (!first || (*first >= 0xDC00 && *first <= 0xDFFF)) return false;
        if (*first < 0xD800 || *first > 0xDBFF) {
            append_utf8(text, *first);
            return true;
        }
        if (!rest_.starts_with("\\u")) return false;
        rest_.remove_prefix(2);
        const auto second = four_digits();
        if (!second || *second < 0xDC00 || *second > 0xDFFF) return false;
        append_utf8(text, 0x10000 + ((*first - 0xD800) << 10) + (*second - 0xDC00));
        return true;
    }

    std::optional<char32_t> four_digits() {
        if (rest_.size() < 4) return std::nullopt;
        char32_t value = 0;
        for (int i = 0; i < 4; ++i) {
            const char c = rest_.front();
            rest_.remove_prefix(1);
            const auto digit = std::string_view("0123456789abcdef")
                                   .find(c >= 'A' && c <= 'F' ? static_cast<char>(c + 32) : c);
            if (digit == std::string_view::npos) return std::nullopt;
            value = value * 16 + static_cast<char32_t>(digit);
        }
        return value;
    }

    std::string_view rest_;
};

}  // namespace

std::string to_flat_json(const StringMap& map) {
    std::string json = "{";
    for (const auto& [key, value] : map) {
        if (json.size() > 1) json += ',';
        append_string(json, key);
        json += ':';
        append_string(json, value);
    }
    return json + "}";
}

Result<StringMap> parse_flat_json(std::string_view text) {
    const auto refused = [] {
        return invalid_field("payload", "must be a flat object of strings");
    };
    Reader reader(text);
    StringMap map;
    if (!reader.take('{')) return refused();
    if (!reader.take('}')) {
        do {
            auto key = reader.string();
            if (!key || !reader.take(':')) return refused();
            auto value = reader.string();
            if (!value) return refused();
            map.insert_or_assign(*std::move(key), *std::move(value));
        } while (reader.take(','));
        if (!reader.take('}')) return refused();
    }
    if (!reader.at_end()) return refused();
    return map;
}

}  // namespace rb::core
