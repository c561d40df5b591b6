// That somebody who is signed in is really there: he says his password once more.

#pragma once

#include "base/result.hpp"

#include "core/identity/actor.hpp"
#include "core/identity/password_hasher.hpp"
#include "core/identity/user.hpp"

#include <string_view>

namespace rb::core {

class Database;

// The actor's user, whose password it is. Holds no connection while it hashes: who then changes
// something locks the user and compares (is_unchanged), for the password may be another by then.
//
// ERRORS: permission_denied  the actor is no user
//         invalid_argument   (`field`) it is wrong
//         too_many_requests  too many passwords are being hashed
//         unauthenticated    the user is gone
Result<User> check_own_password(Database& database, PasswordHasher& passwords, const Actor& actor,
                                std::string_view password, std::string_view field = "password");

// Of one user at two moments: still active, with the same password.
bool is_unchanged(const User& before, const User& now);

}  // namespace rb::core
