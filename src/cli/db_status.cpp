#include "store_pg/migration_runner.hpp"

#include "cli/commands.hpp"
#include "cli/timestamp_text.hpp"

#include <map>

namespace rb::cli {

namespace {

struct Line {
    std::string description;
    // Of the database; else of the binary.
    std::string checksum;
    std::string state;
    std::string installed_on = {};
    std::int64_t execution_ms = 0;
};

std::string hex(std::string_view bytes) {
    constexpr char digits[] = "0123456789abcdef";
    std::string text;
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        text += digits[byte >> 4];
        text += digits[byte & 15];
    }
    return text;
}

// pending: ours, not applied; unknown: applied, not ours (a newer binary's); changed: the checksums
// differ.
std::map<long, Line> compared(const std::vector<store_pg::AppliedMigration>& applied) {
    std::map<long, Line> lines;
    for (const auto& migration : store_pg::embedded_migrations()) {
        lines[migration.version] = {.description = std::string(migration.description),
                                    .checksum = hex(migration.checksum()),
                                    .state = "pending"};
    }
    for (const auto& migration : applied) {
        const auto ours = lines.find(migration.version);
        const auto checksum = hex(migration.checksum);
        std::string state = "applied";
        if (ours == lines.end()) {
            state = "unknown";
        } else if (ours->second.checksum != checksum) {
            state = "changed";
        }
        if (!migration.success) state = "failed";
        lines[migration.version] = {
            .description = migration.description,
            .checksum = checksum,
            .state = state,
            .installed_on = rfc3339(migration.installed_on),
            .execution_ms =
                std::chrono::duration_cast<std::chrono::milliseconds>(migration.execution_time)
                    .count()};
    }
    return lines;
}

}  // namespace

Result<int> run_db_status(Backend& backend, std::ostream& out, Format format) {
    store_pg::MigrationRunner runner(backend.connection_options(), core::NodeId());
    const auto lines = compared(TRY(runner.applied()));

    Table table{
        .columns = {"version", "description", "state", "installed_on", "execution_ms", "checksum"}};
    bool all_applied = true;
    for (const auto& [version, line] : lines) {
        all_applied = all_applied && line.state == "applied";
        table.rows.push_back(
            {std::int64_t{version}, line.description, line.state, line.installed_on,
             line.execution_ms,
             format == Format::json ? line.checksum : line.checksum.substr(0, 16)});
    }
    print(out, table, format);
    return all_applied ? exit_ok : exit_bad_news;
}

}  // namespace rb::cli
