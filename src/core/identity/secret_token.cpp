#include "core/identity/secret_token.hpp"

#include "core/identity/limits.hpp"

#include <algorithm>
#include <array>

namespace rb::core {

namespace {

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static_assert((limits::secret_bytes * 8 + 5) / 6 == secret_token_chars);

}  // namespace

std::string new_secret_token(RandomSource& random) {
    std::array<std::uint8_t, limits::secret_bytes> bytes{};
    random.fill(bytes);

    std::string text;
    text.reserve(secret_token_chars);
    unsigned bits = 0;
    int bit_count = 0;
    for (const auto byte : bytes) {
        bits = (bits << 8) | byte;
        bit_count += 8;
        while (bit_count >= 6) {
            bit_count -= 6;
            text += alphabet[(bits >> bit_count) & 63u];
        }
    }
    if (bit_count > 0) text += alphabet[(bits << (6 - bit_count)) & 63u];
    return text;
}

bool is_secret_token(std::string_view text) {
    return text.size() == secret_token_chars && std::ranges::all_of(text, [](char c) {
               return alphabet.find(c) != std::string_view::npos;
           });
}

}  // namespace rb::core
