#include "store_pg/migration_runner.hpp"

#include "store_pg/limits.hpp"

#include <openssl/sha.h>

#include <array>
#include <chrono>

namespace rb::store_pg {
namespace {

// Any fixed number: the advisory lock of RustBill's migrations ("rustbill" in ASCII, shortened).
constexpr long advisory_key = 0x7275737462696c6c & 0x7fffffffffffffff;

constexpr Statement lock_migrations{"migration_lock", "SELECT pg_advisory_lock($1)"};
constexpr Statement table_exists{"migration_table_exists",
                                 "SELECT to_regclass('_sqlx_migrations') IS NOT NULL"};
constexpr Statement role_exists{"migration_role_exists",
                                "SELECT to_regclass('leader_role') IS NOT NULL"};
constexpr Statement list_applied{
    "migration_list",
    "SELECT version, description, installed_on, success, checksum, execution_time "
    "FROM _sqlx_migrations ORDER BY version"};
constexpr Statement record_migration{
    "migration_record",
    "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) "
    "VALUES ($1, $2, TRUE, $3, -1)"};
constexpr Statement record_time{
    "migration_record_time", "UPDATE _sqlx_migrations SET execution_time = $2 WHERE version = $1"};
constexpr Statement take_role{
    "migration_take_role",
    "INSERT INTO leader_role (role, holder, acquired_at, expires_at, term) "
    "VALUES ('migration', $1, now(), now() + $2 * interval '1 second', 1) "
    "ON CONFLICT (role) DO UPDATE SET holder = excluded.holder, acquired_at = now(), "
    "expires_at = excluded.expires_at, term = leader_role.term + 1"};
constexpr Statement free_role{"migration_free_role",
                              "UPDATE leader_role SET holder = NULL, expires_at = now() "
                              "WHERE role = 'migration' AND holder = $1"};

constexpr const char* create_table =
    "CREATE TABLE IF NOT EXISTS _sqlx_migrations ("
    "version bigint PRIMARY KEY, description text NOT NULL, "
    "installed_on timestamptz NOT NULL DEFAULT now(), success boolean NOT NULL, "
    "checksum bytea NOT NULL, execution_time bigint NOT NULL)";

std::string label(long version, std::string_view description) {
    return "migration " + std::to_string(version) + " (" + std::string(description) + ")";
}

Error refused(std::string why) {
    return Error{ErrorCode::failed_precondition, std::move(why)};
}

Result<std::vector<AppliedMigration>> read_applied(Connection& connection) {
    const auto exists = TRY(connection.run(table_exists));
    if (!exists.front().boolean(0)) return std::vector<AppliedMigration>{};
    const auto rows = TRY(connection.run(list_applied));
    return rows.mapped([](const Row& row) {
        return AppliedMigration{.version = row.get<long>(0),
                                .description = row.get<std::string>(1),
                                .installed_on = row.timestamp(2),
                                .success = row.boolean(3),
                                .checksum = row.bytes(4),
                                .execution_time = std::chrono::nanoseconds(row.integer(5))};
    });
}

// What is recorded must be a beginning of what we have, unchanged.
Result<> check_recorded(std::span<const AppliedMigration> applied,
                        std::span<const Migration> migrations) {
    for (std::size_t index = 0; index < applied.size(); ++index) {
        const auto& recorded = applied[index];
        const auto name = label(recorded.version, recorded.description);
        if (!recorded.success) {
            return refused(name +
                           " is recorded as failed; repair the schema by hand and delete "
                           "its row from _sqlx_migrations");
        }
        if (index >= migrations.size()) {
            return refused(name + " is newer than this binary; start the version that made it");
        }
        const auto& ours = migrations[index];
        if (recorded.version != ours.version) {
            return refused(name + " is recorded where this binary has " +
                           label(ours.version, ours.description));
        }
        if (recorded.checksum != ours.checksum()) {
            return refused(name +
                           " was changed after it ran: its checksum in _sqlx_migrations is "
                           "not that of this binary");
        }
    }
    return {};
}

Result<> apply(Connection& connection, const Migration& migration) {
    const auto started = std::chrono::steady_clock::now();
    const auto run = [&]() -> Result<> {
        TRY(connection.run_script("BEGIN"));
        TRY(connection.run_script(std::string(migration.sql)));
        TRY(connection.run(
            record_migration,
            Parameters::of(migration.version, migration.description, Bytes{migration.checksum()})));
        return connection.run_script("COMMIT");
    };
    if (auto ran = run(); ran.has_error()) {
        // The transaction is gone with the connection if this fails too.
        (void)connection.run_script("ROLLBACK");
        if (connection.is_broken()) return ran.error();
        return refused(label(migration.version, migration.description) + " failed")
            .with_detail(ran.error().detail);
    }
    const auto took = std::chrono::steady_clock::now() - started;
    const std::chrono::nanoseconds nanos = took;
    TRY(connection.run(record_time, Parameters::of(migration.version, nanos.count())));
    return {};
}

}  // namespace

std::string Migration::checksum() const {
    std::array<unsigned char, SHA384_DIGEST_LENGTH> digest{};
    SHA384(reinterpret_cast<const unsigned char*>(sql.data()), sql.size(), digest.data());
    return {digest.begin(), digest.end()};
}

MigrationRunner::MigrationRunner(ConnectionOptions options, core::NodeId node)
    : options_(std::move(options)), node_(node) {
    // An index on a large table takes as long as it takes.
    options_.statement_timeout = std::chrono::milliseconds(0);
    options_.lock_timeout = migration_lock_timeout;
}

Result<int> MigrationRunner::run(std::span<const Migration> migrations) {
    auto connection = TRY(Connection::open(options_));
    // The common case, an up-to-date schema, needs no lock.
    const auto before = TRY(read_applied(connection));
    TRY(check_recorded(before, migrations));
    if (before.size() == migrations.size()) return 0;

    // Held by this session until it closes at the end of this function.
    TRY(connection.run(lock_migrations, Parameters::of(advisory_key)));
    TRY(connection.run_script(create_table));
    const auto applied = TRY(read_applied(connection));
    TRY(check_recorded(applied, migrations));
    const auto take_lease = [&]() -> Result<> {
        const auto exists = TRY(connection.run(role_exists));
        if (!exists.front().boolean(0)) return {};
        TRY(connection.run(take_role, Parameters::of(node_, migration_lock_timeout.count())));
        return {};
    };
    int ran = 0;
    for (const auto& migration : migrations.subspan(applied.size())) {
        TRY(take_lease());
        TRY(apply(connection, migration));
        ++ran;
    }
    TRY(connection.run(free_role, Parameters::of(node_)));
    return ran;
}

Result<std::vector<AppliedMigration>> MigrationRunner::applied() {
    auto connection = TRY(Connection::open(options_));
    return read_applied(connection);
}

Result<> MigrationRunner::check(std::span<const Migration> migrations) {
    const auto recorded = TRY(applied());
    TRY(check_recorded(recorded, migrations));
    if (recorded.size() < migrations.size()) {
        const auto& next = migrations[recorded.size()];
        return refused("the schema is older than this binary: " +
                       label(next.version, next.description) + " has not run");
    }
    return {};
}

}  // namespace rb::store_pg
