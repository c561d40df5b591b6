// That somebody who is signed in is really there: he says his password once more.

#pragma once

#include "base/result.hpp"

#include "core/identity/actor.hpp"
#include "core/identity/password_hasher.hpp"
#include "core/identity/user.hpp"

#include <string_view>

namespace rb::core {

class Database;
class UnitOfWork;

// The actor's user, whose password it is. Holds no connection while it hashes: who then changes
// something locks the user and compares (is_unchanged), for the password may be another by then.
//
// ERRORS: permission_denied  the actor is no user
//         invalid_argument   (`field`) it is wrong
//         too_many_requests  too many passwords are being hashed
//         unauthenticated    the user is gone
Result<User> check_own_password(Database& database, PasswordHasher& passwords, const Actor& actor,
                                std::string_view password, std::string_view field = "password");

// That what the actor signed in with was not ended since his call was let in. A change that ends
// all other sign-ins must not be undone by one of them that was under way: whoever changes a
// password or a factor asks this under the lock of the user's row, under which sign-ins end.
//
// ERRORS: unauthenticated  it was
Result<> check_still_signed_in(UnitOfWork& unit, const Actor& actor);

// Of one user at two moments: still active, with the same password.
bool is_unchanged(const User& before, const User& now);

}  // namespace rb::core
