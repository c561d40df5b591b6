#include "core/identity/account_rules.hpp"

#include "core/identity/limits.hpp"
#include "core/text.hpp"

#include <algorithm>

namespace rb::core {

namespace {

bool is_letter_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

}  // namespace

Result<> check_username(std::string_view username) {
    if (username.size() < limits::username_chars_min ||
        username.size() > limits::username_chars_max) {
        return invalid_field("username", "must have " + std::to_string(limits::username_chars_min) +
                                             " to " + std::to_string(limits::username_chars_max) +
                                             " characters");
    }
    const bool all_allowed = std::ranges::all_of(
        username, [](char c) { return is_letter_or_digit(c) || c == '.' || c == '_' || c == '-'; });
    if (!all_allowed) {
        return invalid_field("username",
                             "may hold only letters a-z, digits, dot, underscore and dash");
    }
    if (!is_letter_or_digit(username.front())) {
        return invalid_field("username", "must begin with a letter or a digit");
    }
    return {};
}

Result<> check_email(std::string_view email) {
    if (email.empty()) return invalid_field("email", "must not be empty");
    if (email.size() > limits::email_bytes_max) {
        return invalid_field(
            "email", "must have at most " + std::to_string(limits::email_bytes_max) + " bytes");
    }
    const auto not_an_address = [] {
        return invalid_field("email", "must be an address such as name@example.com");
    };
    // Visible ASCII without what would let an address end early in a header line.
    const bool all_allowed = std::ranges::all_of(email, [](char c) {
        return c > ' ' && c < '\x7f' &&
               std::string_view("<>()[],;:\\\"").find(c) == std::string_view::npos;
    });
    const auto at = email.find('@');
    if (!all_allowed || at == std::string_view::npos || at == 0 || at > 64) return not_an_address();
    const auto domain = email.substr(at + 1);
    const bool has_inner_dot = domain.find('.') != std::string_view::npos &&
                               domain.front() != '.' && domain.back() != '.' &&
                               domain.find("..") == std::string_view::npos;
    if (domain.find('@') != std::string_view::npos || !has_inner_dot) return not_an_address();
    return {};
}

Result<> check_display_name(std::string_view name) {
    return check_text(name, {.field = "display_name", .chars_max = limits::display_name_chars_max});
}

Result<> check_password(std::string_view password, std::string_view username,
                        std::string_view field, std::size_t bytes_min) {
    const auto wrong = [&](std::string rule) {
        return invalid_field(std::string(field), std::move(rule));
    };
    if (password.size() < bytes_min) {
        return wrong("must have at least " + std::to_string(bytes_min) + " bytes");
    }
    if (password.size() > limits::password_bytes_max) {
        return wrong("must have at most " + std::to_string(limits::password_bytes_max) + " bytes");
    }
    if (password.find('\0') != std::string_view::npos || !count_characters(password)) {
        return wrong("must be valid UTF-8 without NUL");
    }
    if (!username.empty() && to_lower_ascii(password) == to_lower_ascii(username)) {
        return wrong("must not be the username");
    }
    return {};
}

}  // namespace rb::core
