// Blanks what looks like a secret before it is logged: the last line of defence, behind callers
// that do not log secrets in the first place.
//
// By field name: anything that holds password, secret, token, authorization, cookie, credential or
// api_key. In text:
//   scheme://user:PASSWORD@host            password=VALUE (also pwd, secret, token, api_key)
//   Bearer VALUE, Basic VALUE              eyJ... with two dots (a JWT)
//   rbk_... (an API key of ours)           -----BEGIN ... PRIVATE KEY----- to the end

#pragma once

#include <string>
#include <string_view>

namespace rb::log {

inline constexpr std::string_view redacted = "[redacted]";

bool names_a_secret(std::string_view field_name);
std::string without_secrets(std::string_view text);

}  // namespace rb::log
