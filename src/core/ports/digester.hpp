// One-way functions behind a port, so that core needs no cryptographic library.

#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace rb::core {

using Digest = std::array<std::uint8_t, 32>;

class Digester {
public:
    virtual ~Digester() = default;
    // All thread-safe.

    // SHA-256 (FIPS 180-4). For secrets of 256 random bits: nobody can try them all.
    [[nodiscard]] virtual Digest sha256(std::string_view bytes) const = 0;
    // HMAC-SHA-256 (RFC 2104) under the server's own key. For short secrets, such as a code of six
    // digits, whose bare hash could be found by trying them all.
    [[nodiscard]] virtual Digest keyed(std::string_view bytes) const = 0;
};

// Takes the same time wherever the two differ.
inline bool equal_in_constant_time(const Digest& left, const Digest& right) {
    unsigned difference = 0;
    for (std::size_t i = 0; i < left.size(); ++i) {
        difference |= static_cast<unsigned>(left[i] ^ right[i]);
    }
    return difference == 0;
}

}  // namespace rb::core
