#include "core/second_factor/passkey_challenge.hpp"

#include "core/second_factor/limits.hpp"

#include <algorithm>
#include <array>
#include <chrono>

namespace rb::core {

namespace {

constexpr std::size_t expiry_bytes = 8;
constexpr std::size_t random_bytes = 16;
constexpr std::size_t signed_bytes = expiry_bytes + random_bytes;

Digest digest_of(const Digester& digester, std::string_view bytes, std::string_view purpose) {
    return digester.keyed("passkey challenge\n" + std::string(bytes) + std::string(purpose));
}

}  // namespace

std::string new_passkey_challenge(const Digester& digester, RandomSource& random,
                                  std::string_view purpose, Timestamp now) {
    const auto expires_at =
        std::chrono::floor<std::chrono::seconds>(now + limits::passkey_challenge_lifetime);
    const auto seconds = static_cast<std::uint64_t>(expires_at.time_since_epoch().count());
    std::string challenge;
    for (std::size_t byte = expiry_bytes; byte-- > 0;) {
        challenge += static_cast<char>((seconds >> (8 * byte)) & 0xff);
    }
    std::array<std::uint8_t, random_bytes> noise{};
    random.fill(noise);
    challenge.append(noise.begin(), noise.end());
    const auto digest = digest_of(digester, challenge, purpose);
    challenge.append(digest.begin(), digest.end());
    return challenge;
}

std::optional<Timestamp> check_passkey_challenge(const Digester& digester,
                                                 std::string_view challenge,
                                                 std::string_view purpose, Timestamp now) {
    Digest given{};
    if (challenge.size() != signed_bytes + given.size()) return std::nullopt;
    std::ranges::copy(challenge.substr(signed_bytes), given.begin());
    const auto content = challenge.substr(0, signed_bytes);
    if (!equal_in_constant_time(given, digest_of(digester, content, purpose))) return std::nullopt;

    std::uint64_t seconds = 0;
    for (const char c : content.substr(0, expiry_bytes)) {
        seconds = (seconds << 8) | static_cast<unsigned char>(c);
    }
    const auto expires_at = Timestamp(std::chrono::seconds(seconds));
    if (now >= expires_at) return std::nullopt;
    return expires_at;
}

}  // namespace rb::core
