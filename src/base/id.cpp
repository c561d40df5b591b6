#include "base/id.hpp"

namespace rb {
namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";

constexpr bool is_dash_position(std::size_t position) {
    return position == 8 || position == 13 || position == 18 || position == 23;
}

int hex_value(char digit) {
    if (digit >= '0' && digit <= '9') return digit - '0';
    if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
    if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
    return -1;
}

}  // namespace

Result<Uuid> Uuid::parse(std::string_view text) {
    const auto malformed = [] { return invalid_field("id", "must be a UUID"); };
    if (text.size() != 36) return malformed();
    Uuid uuid;
    std::size_t digits = 0;
    for (std::size_t position = 0; position < text.size(); ++position) {
        if (is_dash_position(position)) {
            if (text[position] != '-') return malformed();
            continue;
        }
        const int value = hex_value(text[position]);
        if (value < 0) return malformed();
        auto& byte = uuid.bytes[digits / 2];
        byte = static_cast<std::uint8_t>((byte << 4) | value);
        ++digits;
    }
    return uuid;
}

std::string Uuid::to_string() const {
    std::string text;
    text.reserve(36);
    for (const auto byte : bytes) {
        if (is_dash_position(text.size())) text += '-';
        text += hex_digits[byte >> 4];
        text += hex_digits[byte & 15];
    }
    return text;
}

}  // namespace rb
