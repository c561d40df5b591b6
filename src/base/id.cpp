#include "base/id.hpp"

namespace rb {
namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";

constexpr std::size_t text_length = 36;
constexpr std::array<std::size_t, 4> dash_places = {8, 13, 18, 23};
// Where the two digits of each byte begin.
constexpr std::array<std::size_t, 16> byte_places = {0,  2,  4,  6,  9,  11, 14, 16,
                                                     19, 21, 24, 26, 28, 30, 32, 34};

constexpr int no_digit = -1;

// The value of every character as a hexadecimal digit of either case.
constexpr auto hex_values = [] {
    std::array<std::int8_t, 256> values{};
    values.fill(no_digit);
    for (std::size_t value = 0; value < hex_digits.size(); ++value) {
        const auto digit = static_cast<std::uint8_t>(hex_digits[value]);
        values[digit] = static_cast<std::int8_t>(value);
        if (value >= 10) values[digit - 'a' + 'A'] = static_cast<std::int8_t>(value);
    }
    return values;
}();

int hex_value(char digit) {
    return hex_values[static_cast<std::uint8_t>(digit)];
}

}  // namespace

Result<Uuid> Uuid::parse(std::string_view text) {
    const auto malformed = [] { return invalid_field("id", "must be a UUID"); };
    if (text.size() != text_length) return malformed();
    for (const auto place : dash_places) {
        if (text[place] != '-') return malformed();
    }
    Uuid uuid;
    for (std::size_t i = 0; i < byte_places.size(); ++i) {
        const int high = hex_value(text[byte_places[i]]);
        const int low = hex_value(text[byte_places[i] + 1]);
        if (high == no_digit || low == no_digit) return malformed();
        uuid.bytes[i] = static_cast<std::uint8_t>(high << 4 | low);
    }
    return uuid;
}

std::string Uuid::to_string() const {
    std::string text(text_length, '-');
    for (std::size_t i = 0; i < byte_places.size(); ++i) {
        text[byte_places[i]] = hex_digits[bytes[i] >> 4];
        text[byte_places[i] + 1] = hex_digits[bytes[i] & 15];
    }
    return text;
}

}  // namespace rb
