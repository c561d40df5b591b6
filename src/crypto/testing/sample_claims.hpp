// The claims of an access token, each id another, for tests.

#pragma once

#include "core/identity/access_token.hpp"

#include <string>

namespace rb::crypto {

inline constexpr core::Timestamp sample_noon{std::chrono::seconds(1'780'000'000)};

// Issued at sample_noon, for a day.
inline core::AccessClaims sample_claims() {
    const auto uuid = [](char digit) {
        return *Uuid::parse("01890000-0000-7000-8000-00000000000" + std::string(1, digit));
    };
    const auto issued_at = std::chrono::floor<std::chrono::seconds>(sample_noon);
    return {.user = core::UserId(uuid('1')),
            .customer = core::CustomerId(uuid('2')),
            .family = uuid('3'),
            .id = uuid('4'),
            .issued_at = issued_at,
            .expires_at = issued_at + std::chrono::hours(24)};
}

}  // namespace rb::crypto
