// A user signs in; a customer owns orders and money; a membership joins the two (architecture,
// decision 12).

#pragma once

#include "core/ids.hpp"
#include "core/named_enum.hpp"
#include "core/ports/clock.hpp"

#include <string>

namespace rb::core {

enum class UserType { admin, customer };

// As in the database and on the wire.
template <>
struct EnumNames<UserType> {
    static constexpr std::array<std::string_view, 2> names = {"admin", "customer"};
};

// Empty means customer, as the public client sends it.
// ERRORS: invalid_argument  user_type is neither `admin` nor `customer`
Result<UserType> parse_user_type(std::string_view text);

// The role of every customer user; administrators' roles stand in permission.hpp.
constexpr std::string_view customer_role = "customer";

struct User {
    UserId id;
    std::string username;
    std::string email = {};
    std::string display_name = {};
    std::string password_hash;
    UserType type = UserType::customer;
    std::string role = std::string(customer_role);
    bool is_active = true;
    // Access tokens issued before it are void.
    Timestamp credentials_changed_at = {};
    Timestamp created_at = {};
    Timestamp updated_at = {};
};

}  // namespace rb::core
