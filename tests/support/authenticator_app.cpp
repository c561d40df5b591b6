#include "support/authenticator_app.hpp"

#include "base/assert.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <cstdint>
#include <cstdio>

namespace rb::test {

namespace {

std::string base32_decoded(std::string_view text) {
    constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    std::string bytes;
    std::uint64_t bits = 0;
    int bit_count = 0;
    for (const char c : text) {
        const auto value = letters.find(c);
        ASSERT(value != std::string_view::npos);
        bits = (bits << 5) | value;
        bit_count += 5;
        if (bit_count < 8) continue;
        bit_count -= 8;
        bytes += static_cast<char>((bits >> bit_count) & 0xff);
    }
    return bytes;
}

}  // namespace

std::string totp_code(std::string_view secret, core::Timestamp now) {
    const auto key = base32_decoded(secret);
    auto step = static_cast<std::uint64_t>(
        std::chrono::floor<std::chrono::seconds>(now.time_since_epoch()).count() / 30);
    std::array<unsigned char, 8> counter{};
    for (std::size_t i = counter.size(); i-- > 0; step >>= 8) {
        counter[i] = static_cast<unsigned char>(step);
    }
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int length = 0;
    HMAC(EVP_sha1(), key.data(), static_cast<int>(key.size()), counter.data(), counter.size(),
         digest.data(), &length);
    const auto offset = digest[length - 1] & 0x0f;
    std::uint32_t number = digest[offset] & 0x7f;
    for (int i = 1; i < 4; ++i) number = (number << 8) | digest[offset + i];
    std::array<char, 8> text{};
    std::snprintf(text.data(), text.size(), "%06u", number % 1'000'000);
    return text.data();
}

}  // namespace rb::test
