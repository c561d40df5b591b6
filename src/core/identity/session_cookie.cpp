#include "core/identity/session_cookie.hpp"

#include "core/identity/secret_token.hpp"
#include "core/text.hpp"

#include <algorithm>

namespace rb::core {

namespace {

std::string_view name_of(SameSite same_site) {
    switch (same_site) {
        case SameSite::Strict:
            return "Strict";
        case SameSite::Lax:
            return "Lax";
        case SameSite::None:
            return "None";
    }
    ASSERT(false);
}

// RFC 9110, 5.6.2.
bool is_token_character(char c) {
    return c > ' ' && c < '\x7f' &&
           std::string_view("()<>@,;:\\\"/[]?={}").find(c) == std::string_view::npos;
}

std::string attributes(const SessionSettings& settings, std::chrono::seconds max_age) {
    std::string text =
        "; Path=/; HttpOnly; SameSite=" + std::string(name_of(settings.cookie_same_site)) +
        "; Max-Age=" + std::to_string(max_age.count());
    if (settings.cookie_secure) text += "; Secure";
    return text;
}

}  // namespace

Result<> check_session_settings(const SessionSettings& settings) {
    if (settings.cookie_name.empty() ||
        !std::ranges::all_of(settings.cookie_name, is_token_character)) {
        return invalid_field("session.cookie_name",
                             "must be a cookie name: letters, digits, - and _");
    }
    if (settings.idle_timeout.count() <= 0) {
        return invalid_field("session.idle_timeout_minutes", "must be greater than 0");
    }
    if (settings.absolute_timeout.count() <= 0) {
        return invalid_field("session.absolute_timeout_hours", "must be greater than 0");
    }
    if (settings.idle_timeout > settings.absolute_timeout) {
        return invalid_field("session.idle_timeout_minutes",
                             "must not exceed absolute_timeout_hours");
    }
    if (settings.cookie_same_site == SameSite::None && !settings.cookie_secure) {
        return invalid_field("session.cookie_same_site", "None needs cookie_secure = true");
    }
    return {};
}

Result<SameSite> parse_same_site(std::string_view text) {
    for (const auto same_site : {SameSite::Strict, SameSite::Lax, SameSite::None}) {
        if (to_lower_ascii(text) == to_lower_ascii(name_of(same_site))) return same_site;
    }
    return invalid_field("session.cookie_same_site", "must be Strict, Lax or None");
}

std::string session_cookie(const SessionSettings& settings, std::string_view token) {
    return settings.cookie_name + "=" + std::string(token) +
           attributes(settings, settings.absolute_timeout);
}

std::string cleared_session_cookie(const SessionSettings& settings) {
    return settings.cookie_name + "=" + attributes(settings, std::chrono::seconds(0));
}

std::optional<std::string_view> find_session_token(std::string_view cookie_header,
                                                   const SessionSettings& settings) {
    while (!cookie_header.empty()) {
        const auto end = cookie_header.find(';');
        const auto pair = trimmed(cookie_header.substr(0, end));
        cookie_header.remove_prefix(end == std::string_view::npos ? cookie_header.size() : end + 1);

        const auto equals = pair.find('=');
        if (equals == std::string_view::npos || pair.substr(0, equals) != settings.cookie_name)
            continue;
        const auto value = pair.substr(equals + 1);
        if (!is_secret_token(value)) return std::nullopt;
        return value;
    }
    return std::nullopt;
}

}  // namespace rb::core
