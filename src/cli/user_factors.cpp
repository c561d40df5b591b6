#include "cli/commands.hpp"

namespace rb::cli {

namespace {

Result<bool> read_switch(const std::string& setting) {
    if (setting == "on") return true;
    if (setting == "off") return false;
    return invalid_field("setting", "must be on or off");
}

}  // namespace

Result<int> run_factors_clear(Backend& backend, const FactorsClearOptions& options,
                              std::ostream& out, Format format) {
    const auto type = TRY(core::parse_enum<core::UserType>(options.type, "type"));
    auto* users = TRY(backend.users());
    const auto had =
        TRY(users->clear_second_factors(type, options.username, core::ActorStamp::command_line()));
    print(out,
          Object{{"username", options.username},
                 {"user_type", options.type},
                 {"totp_removed", had.totp.has_value()},
                 {"passkeys_removed", static_cast<std::int64_t>(had.passkeys)}},
          format);
    return exit_ok;
}

Result<int> run_factors_require(Backend& backend, const std::string& setting, std::ostream& out,
                                Format format) {
    const bool is_required = TRY(read_switch(setting));
    auto* users = TRY(backend.users());
    TRY(users->require_second_factors_of_admins(is_required, core::ActorStamp::command_line()));
    print(out, Object{{"admins_need_second_factor", is_required}}, format);
    return exit_ok;
}

}  // namespace rb::cli
