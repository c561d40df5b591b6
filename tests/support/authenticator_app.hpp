// An authenticator app: makes the codes of RFC 6238 from what a person scans or types.

#pragma once

#include "core/ports/clock.hpp"

#include <string>
#include <string_view>

namespace rb::test {

// `secret`: base32, as the server shows it.
std::string totp_code(std::string_view secret, core::Timestamp now);

}  // namespace rb::test
