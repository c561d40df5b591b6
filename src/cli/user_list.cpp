#include "core/identity/user_store.hpp"
#include "core/unit_of_work.hpp"

#include "cli/commands.hpp"
#include "cli/timestamp_text.hpp"

namespace rb::cli {

Result<int> run_user_list(Backend& backend, const UserListOptions& options, std::ostream& out,
                          Format format) {
    core::UserFilter filter;
    if (options.type) filter.type = TRY(core::parse_enum<core::UserType>(*options.type, "type"));
    auto* database = TRY(backend.database());

    Table table{
        .columns = {"id", "username", "email", "user_type", "role", "is_active", "created_at"}};
    for (std::uint32_t page = 1;; ++page) {
        const auto request = TRY(core::PageRequest::create(page, core::limits::page_size_max));
        auto unit = TRY(database->begin());
        const auto users = TRY(unit->users().list(filter, request));
        for (const auto& user : users.items) {
            table.rows.push_back({user.id.to_string(), user.username, user.email,
                                  std::string(core::name_of(user.type)), user.role, user.is_active,
                                  rfc3339(user.created_at)});
        }
        if (users.items.size() < request.page_size) break;
    }
    print(out, table, format);
    return exit_ok;
}

}  // namespace rb::cli
