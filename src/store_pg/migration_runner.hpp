// Brings the schema to what this binary was built for, and refuses any other.
//
// State stands in _sqlx_migrations, with sqlx's columns (operations manual 4.1). Each migration
// runs in a transaction of its own together with its row there. Two servers that start at once
// cannot race: the runner holds a PostgreSQL advisory lock, and once leader_role exists also the
// lease of the role `migration`.

#pragma once

#include "base/result.hpp"

#include "core/ids.hpp"
#include "core/ports/clock.hpp"

#include "store_pg/connection.hpp"
#include "store_pg/migration.hpp"

#include <span>
#include <string>
#include <vector>

namespace rb::store_pg {

struct AppliedMigration {
    long version;
    std::string description;
    core::Timestamp installed_on;
    bool success;
    // 48 bytes
    std::string checksum;
    std::chrono::nanoseconds execution_time;
};

class MigrationRunner {
public:
    // A connection of its own is opened and closed again; `node` is who holds the role meanwhile.
    MigrationRunner(ConnectionOptions options, core::NodeId node);

    // Runs what is missing; returns how many ran.
    // ERRORS: failed_precondition  an applied migration differs from ours, has failed, or is newer
    //                              than this binary; or one fails now: the message says which and
    //                              what to do, `detail` holds PostgreSQL's words
    //         unavailable          the database does not answer
    // On an error the schema is as the last successful migration left it.
    Result<int> run(std::span<const Migration> migrations = embedded_migrations());

    // What is recorded, by version; empty on an empty database.
    Result<std::vector<AppliedMigration>> applied();

    // ERRORS: failed_precondition  the schema is not the one of `migrations`
    Result<> check(std::span<const Migration> migrations = embedded_migrations());

private:
    ConnectionOptions options_;
    core::NodeId node_;
};

}  // namespace rb::store_pg
