// What a user has besides his password. Once he has a factor (TOTP or a passkey), the password
// alone signs nobody in.

#pragma once

#include "core/ids.hpp"
#include "core/ports/clock.hpp"
#include "core/second_factor/passkey_verifier.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace rb::core {

using PasskeyId = Id<struct PasskeyTag>;

struct Totp {
    std::string sealed_secret;
    // Of the last code that was taken (OneTimePasswords::step_of).
    std::int64_t last_step = 0;
    Timestamp created_at = {};
};

struct Passkey {
    PasskeyId id;
    UserId user;
    std::string name;
    // Bytes.
    std::string credential_id;
    std::string relying_party;
    PasskeyKey key;
    std::uint32_t sign_count = 0;
    Timestamp created_at = {};
    std::optional<Timestamp> last_used_at = {};
};

struct SecondFactors {
    std::optional<Totp> totp = {};
    int passkeys = 0;
    // Not used yet.
    int recovery_codes = 0;

    [[nodiscard]] bool has_any() const { return totp.has_value() || passkeys > 0; }
};

struct WrongCodes {
    int count = 0;
    Timestamp since = {};
};

}  // namespace rb::core
