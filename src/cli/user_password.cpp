#include "cli/commands.hpp"

namespace rb::cli {

Result<int> run_user_password(Backend& backend, const UserPasswordOptions& options,
                              std::ostream& out, Format format) {
    const auto type = TRY(core::parse_enum<core::UserType>(options.type, "type"));
    auto* users = TRY(backend.users());
    const auto user = TRY(users->set_password(type, options.username, options.password,
                                              core::ActorStamp::command_line()));
    print(out,
          Object{{"id", user.id.to_string()},
                 {"username", user.username},
                 {"user_type", options.type},
                 {"active", user.is_active}},
          format);
    return exit_ok;
}

}  // namespace rb::cli
