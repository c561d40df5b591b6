// Users as an operator keeps them: the first administrator, further ones, the list.
//
// Thread-safe.

#pragma once

#include "base/result.hpp"

#include "core/identity/password_hasher.hpp"
#include "core/identity/user_store.hpp"
#include "core/operation_log/operation_log.hpp"
#include "core/ports/clock.hpp"
#include "core/ports/id_source.hpp"

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

    // Oldest first; password hashes are empty.
    Result<Page<User>> list(const UserFilter& filter, PageRequest page);

private:
    Database& database_;
    PasswordHasher& passwords_;
    const Clock& clock_;
    IdSource& ids_;
};

}  // namespace rb::core
