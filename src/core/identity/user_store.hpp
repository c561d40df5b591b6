// The port to users and their memberships. Calls act inside the UnitOfWork the store was taken from
// and must not outlive it; one unit serves one thread.
//
// ERRORS of every call besides its own: unavailable, conflict, internal, as the database has it.

#pragma once

#include "base/result.hpp"

#include "core/identity/user.hpp"
#include "core/page.hpp"

#include <optional>

namespace rb::core {

struct UserFilter {
    std::optional<UserType> type = {};
};

class UserStore {
public:
    virtual ~UserStore() = default;

    // ERRORS: already_exists  username or e-mail is taken among users of that type; the field says
    //                         which. Upper and lower case are the same name.
    virtual Result<> insert(const User& user) = 0;
    // Makes the user an owner of the customer.
    virtual Result<> add_membership(UserId user, CustomerId customer) = 0;

    virtual Result<std::optional<User>> find(UserId id) = 0;
    // The row stays locked until the unit ends: whoever issues or revokes a user's credentials
    // takes this lock first, so that a token cannot slip between a revocation and its commit.
    virtual Result<std::optional<User>> find_for_update(UserId id) = 0;
    virtual Result<std::optional<User>> find_by_username(UserType type, std::string_view name) = 0;
    virtual Result<std::optional<User>> find_by_email(UserType type, std::string_view email) = 0;
    // The customer of the oldest membership, if there is any.
    virtual Result<std::optional<CustomerId>> first_customer_of(UserId id) = 0;

    virtual Result<> save_password(UserId id, std::string_view password_hash, Timestamp at) = 0;

    virtual Result<bool> has_any(UserType type) = 0;
    virtual Result<Page<User>> list(const UserFilter& filter, PageRequest page) = 0;
    // Addresses that notices to a customer go to: of his active users, oldest first.
    virtual Result<std::vector<std::string>> emails_of_customer(CustomerId customer) = 0;
};

}  // namespace rb::core
