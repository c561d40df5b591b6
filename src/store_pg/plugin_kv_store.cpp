#include "store_pg/plugin_kv_store.hpp"

#include <algorithm>

namespace rb::store_pg {
namespace {

using core::PluginKvEntry;

constexpr Statement select_entry{
    "select_plugin_kv",
    "SELECT key, value, version FROM plugin_kv WHERE interface_id = $1 AND key = $2"};

constexpr Statement upsert_entry{
    "upsert_plugin_kv",
    "INSERT INTO plugin_kv (interface_id, key, value) VALUES ($1, $2, $3) "
    "ON CONFLICT (interface_id, key) DO UPDATE SET value = $3, version = plugin_kv.version + 1, "
    "updated_at = now() RETURNING version"};

constexpr Statement insert_entry{
    "insert_plugin_kv",
    "INSERT INTO plugin_kv (interface_id, key, value) VALUES ($1, $2, $3) "
    "ON CONFLICT (interface_id, key) DO NOTHING RETURNING version"};

constexpr Statement replace_entry{
    "replace_plugin_kv",
    "UPDATE plugin_kv SET value = $4, version = version + 1, updated_at = now() "
    "WHERE interface_id = $1 AND key = $2 AND version = $3 RETURNING version"};

constexpr Statement delete_entry{"delete_plugin_kv",
                                 "DELETE FROM plugin_kv WHERE interface_id = $1 AND key = $2"};

// Byte order, as the twin in memory has it, whatever the database's collation.
constexpr Statement list_entries{
    "list_plugin_kv",
    "SELECT key, value, version FROM plugin_kv WHERE interface_id = $1 "
    "AND starts_with(key, $2) AND key COLLATE \"C\" > $3 ORDER BY key COLLATE \"C\" LIMIT $4"};

PluginKvEntry read_entry(const Row& row) {
    return {.key = row.get<std::string>(0),
            .value = row.get<std::string>(1),
            .version = row.integer(2)};
}

Result<Rows> run(Pool& pool, const Statement& statement, const Parameters& parameters) {
    const auto lease = TRY(pool.acquire());
    return lease->run(statement, parameters);
}

}  // namespace

Result<std::optional<PluginKvEntry>> PgPluginKvStore::get(std::string_view interface_id,
                                                          std::string_view key) {
    const auto rows = TRY(run(pool_, select_entry, Parameters::of(interface_id, key)));
    if (rows.empty()) return std::optional<PluginKvEntry>();
    return std::optional(read_entry(rows.front()));
}

Result<std::int64_t> PgPluginKvStore::put(std::string_view interface_id, std::string_view key,
                                          std::string_view value) {
    TRY(core::check_kv_key(key));
    TRY(core::check_kv_value(value));
    const auto rows = TRY(run(pool_, upsert_entry, Parameters::of(interface_id, key, value)));
    return rows.front().integer(0);
}

Result<std::optional<std::int64_t>> PgPluginKvStore::compare_and_set(std::string_view interface_id,
                                                                     std::string_view key,
                                                                     std::int64_t expected_version,
                                                                     std::string_view value) {
    TRY(core::check_kv_key(key));
    TRY(core::check_kv_value(value));
    const auto rows = expected_version == 0
                          ? TRY(run(pool_, insert_entry, Parameters::of(interface_id, key, value)))
                          : TRY(run(pool_, replace_entry,
                                    Parameters::of(interface_id, key, expected_version, value)));
    if (rows.empty()) return std::optional<std::int64_t>();
    return std::optional(rows.front().integer(0));
}

Result<bool> PgPluginKvStore::remove(std::string_view interface_id, std::string_view key) {
    const auto rows = TRY(run(pool_, delete_entry, Parameters::of(interface_id, key)));
    return rows.affected() > 0;
}

Result<std::vector<PluginKvEntry>> PgPluginKvStore::list(std::string_view interface_id,
                                                         std::string_view prefix,
                                                         std::string_view after,
                                                         std::size_t limit) {
    const auto rows = TRY(run(
        pool_, list_entries,
        Parameters::of(interface_id, prefix, after, std::min(limit, core::plugin_kv_list_max))));
    return rows.mapped(read_entry);
}

}  // namespace rb::store_pg
