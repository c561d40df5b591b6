#include "core/identity/user.hpp"

namespace rb::core {

Result<UserType> parse_user_type(std::string_view text) {
    if (text.empty()) return UserType::customer;
    return parse_enum<UserType>(text, "user_type");
}

}  // namespace rb::core
