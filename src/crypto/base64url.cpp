#include "crypto/base64url.hpp"

#include <array>
#include <cstdint>

namespace rb::crypto {

namespace {

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

constexpr std::uint8_t foreign = 0xFF;

// The value of every character.
constexpr auto values = [] {
    std::array<std::uint8_t, 256> table{};
    table.fill(foreign);
    for (std::size_t value = 0; value < alphabet.size(); ++value) {
        table[static_cast<std::uint8_t>(alphabet[value])] = static_cast<std::uint8_t>(value);
    }
    return table;
}();

}  // namespace

std::string to_base64url(std::string_view bytes) {
    std::string text;
    text.reserve((bytes.size() * 4 + 2) / 3);
    std::uint32_t bits = 0;
    int bit_count = 0;
    for (const char c : bytes) {
        bits = (bits << 8) | static_cast<std::uint8_t>(c);
        bit_count += 8;
        while (bit_count >= 6) {
            bit_count -= 6;
            text += alphabet[(bits >> bit_count) & 63u];
        }
    }
    if (bit_count > 0) text += alphabet[(bits << (6 - bit_count)) & 63u];
    return text;
}

std::optional<std::string> from_base64url(std::string_view text) {
    if (text.size() % 4 == 1) return std::nullopt;
    std::string bytes(text.size() * 3 / 4, '\0');
    std::size_t length = 0;
    std::uint32_t bits = 0;
    int bit_count = 0;
    for (const char c : text) {
        const auto value = values[static_cast<std::uint8_t>(c)];
        if (value == foreign) return std::nullopt;
        bits = (bits << 6) | value;
        bit_count += 6;
        if (bit_count >= 8) {
            bit_count -= 8;
            bytes[length++] = static_cast<char>((bits >> bit_count) & 0xFFu);
        }
    }
    if ((bits & ((1u << bit_count) - 1u)) != 0) return std::nullopt;
    return bytes;
}

}  // namespace rb::crypto
