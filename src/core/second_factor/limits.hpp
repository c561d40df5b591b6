// The limits of second factors.

#pragma once

#include <chrono>
#include <cstddef>

namespace rb::core::limits {

// RFC 4226, 4 (R6) recommends 160 bits.
constexpr std::size_t totp_secret_bytes = 20;
// From the first call of an enrolment, or of a sign-in by passkey, to the second.
constexpr std::chrono::minutes totp_ticket_lifetime{10};
constexpr std::chrono::minutes passkey_challenge_lifetime{10};
// A sealed secret with two times; more is not read.
constexpr std::size_t totp_ticket_bytes_max = 512;

// A guess hits with 3 of a million codes (now, before, after). Ten in a quarter of an hour, all
// day long, are one chance in 350 that day, for somebody who has the password already.
constexpr int wrong_codes_max = 10;
constexpr std::chrono::minutes wrong_codes_window{15};

// Both kinds, however they are spaced.
constexpr std::size_t typed_code_bytes_max = 64;

constexpr std::size_t passkeys_per_user_max = 10;
constexpr std::size_t passkey_name_chars_max = 64;
// WebAuthn 4, Credential ID.
constexpr std::size_t credential_id_bytes_max = 1023;
// What browsers send is below a kilobyte; extensions may add to it.
constexpr std::size_t client_data_bytes_max = 4096;
constexpr std::size_t authenticator_data_bytes_max = 4096;
constexpr std::size_t passkey_signature_bytes_max = 1024;

constexpr int recovery_codes = 10;
// Ten of thirty-two letters: 50 bits.
constexpr std::size_t recovery_code_chars = 10;

}  // namespace rb::core::limits
