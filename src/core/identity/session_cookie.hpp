// The administrators' session cookie (operations manual 2.4; RFC 6265bis).
//
//   Set-Cookie: rustbill_session=<43 base64url characters>; Path=/; HttpOnly; SameSite=Lax;
//   Max-Age=…
//
// The token is 256 random bits; only its SHA-256 is stored.

#pragma once

#include "base/result.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace rb::core {

enum class SameSite { Strict, Lax, None };

struct SessionSettings {
    std::string cookie_name = "rustbill_session";
    std::chrono::minutes idle_timeout{1440};
    std::chrono::hours absolute_timeout{168};
    bool cookie_secure = false;
    SameSite cookie_same_site = SameSite::Lax;
};

// ERRORS: invalid_argument  session.cookie_name is not an RFC 6265 token; a timeout is not
// positive;
//                           the idle timeout exceeds the absolute one; SameSite None without
//                           Secure, which browsers drop; the message names the key
Result<> check_session_settings(const SessionSettings& settings);
// `Strict`, `Lax` or `None`, whatever the case.
// ERRORS: invalid_argument  session.cookie_same_site
Result<SameSite> parse_same_site(std::string_view text);

// The value of Set-Cookie that hands out `token`. The browser forgets it when the absolute limit is
// over; the idle limit is kept by the server alone.
std::string session_cookie(const SessionSettings& settings, std::string_view token);
// The value of Set-Cookie that makes the browser forget it.
std::string cleared_session_cookie(const SessionSettings& settings);

// The token in a Cookie header ("a=1; rustbill_session=…"); nothing when it is not there or not of
// the form of a token. The first wins when there are several.
std::optional<std::string_view> find_session_token(std::string_view cookie_header,
                                                   const SessionSettings& settings);

}  // namespace rb::core
