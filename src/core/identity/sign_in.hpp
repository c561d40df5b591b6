// What signing in gives.

#pragma once

#include "core/identity/user.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace rb::core {

// A user as he may see himself; the password hash is empty.
struct Profile {
    User user;
    // Whose orders he sees; nothing for administrators.
    std::optional<CustomerId> customer = {};
};

// To a customer user. Both secrets are shown once.
struct CustomerSignIn {
    std::string access_token = {};
    std::string refresh_token = {};
    // Of the access token.
    std::chrono::seconds expires_in{0};
    Profile profile = {};
};

// To an administrator; the token goes into the session cookie and nowhere else.
struct AdminSignIn {
    std::string session_token;
    Profile profile;
};

}  // namespace rb::core
