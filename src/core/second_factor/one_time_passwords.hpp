// The port to time-based one-time passwords (TOTP, RFC 6238) as authenticator apps make them: six
// digits of HMAC-SHA-1, a new one every thirty seconds.

#pragma once

#include "core/ports/clock.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace rb::core {

class OneTimePasswords {
public:
    virtual ~OneTimePasswords() = default;
    // Both thread-safe.

    // The number of the thirty seconds since 1970 in which `code` is the password of `secret`
    // (bytes), among the current, the one before and the one after (RFC 6238, 5.2: clocks differ);
    // nothing when it is in none of them, or not six digits.
    [[nodiscard]] virtual std::optional<std::int64_t> step_of(std::string_view secret,
                                                              std::string_view code,
                                                              Timestamp now) const = 0;
    // The secret as apps take it: base32 (RFC 4648, 6) without padding.
    [[nodiscard]] virtual std::string base32(std::string_view secret) const = 0;
};

}  // namespace rb::core
