// Users as an operator keeps them: the first administrator, further ones, the list, and help for
// who has lost his password or his second factor.
//
// Thread-safe.

#pragma once

#include "base/result.hpp"

#include "core/identity/password_hasher.hpp"
#include "core/identity/user_store.hpp"
#include "core/operation_log/operation_log.hpp"
#include "core/ports/clock.hpp"
#include "core/ports/id_source.hpp"
#include "core/second_factor/second_factor.hpp"

#include <string>

namespace rb::core {

class Database;

struct NewUser {
    std::string username;
    // At least operator_password_bytes_min; whoever changes it later keeps the stricter rule.
    std::string password;
    // One of admin_roles(), or `customer`: then a customer and a membership are made too.
    std::string role = "admin";
    std::string email = {};
    std::string display_name = {};
};

enum class BootstrapOutcome { created, already_there };

class UserService {
public:
    UserService(Database& database, PasswordHasher& passwords, const Clock& clock, IdSource& ids)
        : database_(database), passwords_(passwords), clock_(clock), ids_(ids) {}

    // Makes the administrator of [bootstrap] when there is no administrator at all. Idempotent,
    // also when several servers start at once: once somebody keeps the administrators, the
    // configuration file opens no door any more.
    //
    // ERRORS: invalid_argument  bootstrap.admin_username or bootstrap.admin_password breaks its
    // rule
    Result<BootstrapOutcome> ensure_administrator(const std::string& username,
                                                  const std::string& password);

    // ERRORS: invalid_argument   role, username, password, email or display_name
    //         already_exists     username or email is taken
    //         too_many_requests  too many passwords are being hashed
    Result<User> create(const NewUser& user, ActorStamp by);

    // Gives somebody who has lost his password a new one, and ends his sign-ins (one that a server
    // remembers lives on for session_cache_lifetime). His second factors stay; so do API keys,
    // which are their customer's.
    //
    // ERRORS: invalid_argument   password: as of create()
    //         not_found          there is no such user
    //         too_many_requests  too many passwords are being hashed
    Result<User> set_password(UserType type, std::string_view username, std::string_view password,
                              ActorStamp by);

    // Takes all second factors of somebody who has lost his, and ends his sign-ins (one that a
    // server remembers lives on for session_cache_lifetime). Returns what he had.
    //
    // ERRORS: not_found  there is no such user
    Result<SecondFactors> clear_second_factors(UserType type, std::string_view username,
                                               ActorStamp by);

    // Whether an administrator without a second factor may do nothing but set one up. Holds for all
    // servers at once, and for sessions they remember within session_cache_lifetime.
    Result<> require_second_factors_of_admins(bool is_required, ActorStamp by);

    // Oldest first; password hashes are empty.
    Result<Page<User>> list(const UserFilter& filter, PageRequest page);

private:
    Database& database_;
    PasswordHasher& passwords_;
    const Clock& clock_;
    IdSource& ids_;
};

}  // namespace rb::core
