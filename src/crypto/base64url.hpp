// base64url without padding (RFC 4648, 5), as JSON Web Tokens use it (RFC 7515, 2).

#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace rb::crypto {

std::string to_base64url(std::string_view bytes);
// Nothing when a character is foreign, the length is impossible, or the unused bits of the last
// character are set: each value has one spelling.
std::optional<std::string> from_base64url(std::string_view text);

}  // namespace rb::crypto
