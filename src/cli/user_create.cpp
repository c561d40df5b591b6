#include "cli/commands.hpp"
#include "cli/timestamp_text.hpp"

namespace rb::cli {

Result<int> run_user_create(Backend& backend, const UserCreateOptions& options, std::ostream& out,
                            Format format) {
    auto* users = TRY(backend.users());
    const auto user = TRY(users->create({.username = options.username,
                                         .password = options.password,
                                         .role = options.role,
                                         .email = options.email,
                                         .display_name = options.display_name},
                                        core::ActorStamp::command_line()));
    print(out,
          Object{{"id", user.id.to_string()},
                 {"username", user.username},
                 {"user_type", std::string(core::name_of(user.type))},
                 {"role", user.role},
                 {"created_at", rfc3339(user.created_at)}},
          format);
    return exit_ok;
}

}  // namespace rb::cli
