// What a username, an address, a display name and a password may look like. Pure; each error names
// the field and the rule. The limits stand in identity/limits.hpp.

#pragma once

#include "base/result.hpp"

#include "core/identity/limits.hpp"

#include <string>
#include <string_view>

namespace rb::core {

// 3 to 64 of a–z, A–Z, 0–9, `.`, `_`, `-`, and the first a letter or a digit: nothing that looks
// like another name or breaks a log line.
// ERRORS: invalid_argument  username
Result<> check_username(std::string_view username);

// One `@`, a local part, a domain with a dot; no spaces or control characters; at most 254 bytes.
// Whether it is read by anybody only a verification code can tell.
// ERRORS: invalid_argument  email
Result<> check_email(std::string_view email);

// At most 100 characters of valid UTF-8, no control characters; may be empty.
// ERRORS: invalid_argument  display_name
Result<> check_display_name(std::string_view name);

// `bytes_min` to 72 bytes of valid UTF-8 without NUL, not the user's own name. `field` is the
// input's name. ERRORS: invalid_argument  `field`
Result<> check_password(std::string_view password, std::string_view username,
                        std::string_view field = "password",
                        std::size_t bytes_min = limits::password_bytes_min);

}  // namespace rb::core
