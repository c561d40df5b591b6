#include "core/identity/user.hpp"

namespace rb::core {

std::string_view name_of(UserType type) {
    return type == UserType::admin ? "admin" : "customer";
}

Result<UserType> parse_user_type(std::string_view text) {
    if (text.empty() || text == "customer") return UserType::customer;
    if (text == "admin") return UserType::admin;
    return invalid_field("user_type", "must be admin or customer");
}

}  // namespace rb::core
