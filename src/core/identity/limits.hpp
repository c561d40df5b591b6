// Limits of accounts and sign-in, with their reasons.

#pragma once

#include <chrono>
#include <cstddef>

namespace rb::core::limits {

// As the schema has it (users.username).
constexpr std::size_t username_chars_min = 3;
constexpr std::size_t username_chars_max = 64;
// RFC 5321, 4.5.3.1.3: a path is at most 256 octets with its brackets.
constexpr std::size_t email_bytes_max = 254;
// Names people write on an invoice; room for scripts of four bytes a letter.
constexpr std::size_t display_name_chars_max = 100;
// NIST SP 800-63B, 5.1.1.2.
constexpr std::size_t password_bytes_min = 8;
// What an operator may set for somebody from the command line: manual 5.1 shows one of seven bytes.
constexpr std::size_t operator_password_bytes_min = 6;
static_assert(operator_password_bytes_min <= password_bytes_min);
// bcrypt reads 72 bytes and ignores the rest: a longer password is refused, not cut.
constexpr std::size_t password_bytes_max = 72;

constexpr std::chrono::minutes verification_code_lifetime{10};
constexpr std::chrono::seconds verification_resend_interval{60};
// Of a million codes five may be tried.
constexpr int verification_attempts_max = 5;

// A customer who was away for a month signs in again.
constexpr std::chrono::days refresh_token_lifetime{30};
// 256 bits: nobody guesses, and the bare hash is safe to keep.
constexpr std::size_t secret_bytes = 32;
// A session's last_seen_at and a key's last_used_at are written at most this often: a read must not
// become a write each time.
constexpr std::chrono::seconds last_seen_interval{60};
// Longer ones are cut before they are kept.
constexpr std::size_t user_agent_bytes_max = 400;

}  // namespace rb::core::limits
