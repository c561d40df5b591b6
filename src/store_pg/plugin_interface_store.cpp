#include "store_pg/plugin_interface_store.hpp"

#include "store_pg/operation_log_store.hpp"
#include "store_pg/transaction.hpp"

namespace rb::store_pg {
namespace {

using core::PluginDefinition;
using core::PluginInterface;
using core::PluginType;

#define DEFINITION_COLUMNS                                                          \
    "plugin_type, plugin_id, name, description, version, manifest, config_schema, " \
    "script_source, source_hash, file_mtime, load_error, updated_at"

constexpr Statement list_plugins{
    "list_plugins", "SELECT " DEFINITION_COLUMNS " FROM plugins ORDER BY plugin_type, plugin_id"};

constexpr Statement select_plugin{
    "select_plugin", "SELECT " DEFINITION_COLUMNS " FROM plugins WHERE plugin_id = $1"};

// One statement: the row, and the interfaces that still run the replaced source. `old` is read from
// the snapshot before the write.
constexpr Statement upsert_plugin{
    "upsert_plugin",
    "WITH old AS (SELECT script_source FROM plugins WHERE plugin_id = $2), "
    "written AS ("
    "INSERT INTO plugins (plugin_type, plugin_id, name, description, version, manifest, "
    "config_schema, script_source, source_hash, file_mtime) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) "
    "ON CONFLICT (plugin_id) DO UPDATE SET plugin_type = $1, name = $3, description = $4, "
    "version = $5, manifest = $6, config_schema = $7, script_source = $8, source_hash = $9, "
    "file_mtime = $10, load_error = '', updated_at = now() "
    "WHERE plugins.file_mtime IS NULL OR $10::timestamptz IS NULL OR plugins.file_mtime <= $10 "
    "RETURNING plugin_id), followed AS ("
    "UPDATE plugin_interfaces i SET script_source = $8, config_schema = $7, "
    "revision = revision + 1, updated_at = now() FROM old, written "
    "WHERE i.plugin_id = written.plugin_id AND i.script_source = old.script_source "
    "AND i.script_source <> $8) "
    "SELECT count(*) FROM written"};

constexpr Statement update_load_error{
    "update_plugin_load_error",
    "UPDATE plugins SET load_error = $2, updated_at = now() WHERE plugin_id = $1 "
    "AND load_error <> $2"};

#define INTERFACE_COLUMNS                                                                         \
    "id, plugin_id, plugin_type, name, enabled, config, config_schema, script_source, revision, " \
    "is_healthy, health_message, health_checked_at, created_at, updated_at"

constexpr Statement insert_interface_row{
    "insert_plugin_interface",
    "INSERT INTO plugin_interfaces (id, plugin_id, plugin_type, name, enabled, config, "
    "config_schema, script_source) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) "
    "RETURNING " INTERFACE_COLUMNS};

constexpr Statement select_interface{
    "select_plugin_interface", "SELECT " INTERFACE_COLUMNS " FROM plugin_interfaces WHERE id = $1"};

constexpr Statement list_interface_rows{
    "list_plugin_interfaces", "SELECT " INTERFACE_COLUMNS
                              " FROM plugin_interfaces WHERE $1::text IS NULL OR plugin_type = $1 "
                              "ORDER BY id LIMIT $2 OFFSET $3"};

constexpr Statement count_interface_rows{
    "count_plugin_interfaces",
    "SELECT count(*) FROM plugin_interfaces WHERE $1::text IS NULL OR plugin_type = $1"};

constexpr Statement update_interface_row{
    "update_plugin_interface",
    "UPDATE plugin_interfaces SET name = COALESCE($3, name), enabled = COALESCE($4, enabled), "
    "config = COALESCE($5, config), config_schema = COALESCE($6, config_schema), "
    "script_source = COALESCE($7, script_source), revision = revision + 1, updated_at = now() "
    "WHERE id = $1 AND revision = $2 RETURNING " INTERFACE_COLUMNS};

// What would be orphaned keeps the interface: products that are sold from it, servers that run on
// it, payments whose outcome it alone can tell.
constexpr Statement delete_interface_row{
    "delete_plugin_interface",
    "DELETE FROM plugin_interfaces WHERE id = $1 AND revision = $2 "
    "AND NOT EXISTS (SELECT 1 FROM products WHERE provider_id = $1) "
    "AND NOT EXISTS (SELECT 1 FROM instances WHERE provider_id = $1 AND status <> 'terminated') "
    "AND NOT EXISTS (SELECT 1 FROM payments WHERE gateway_id = $1 "
    "AND status NOT IN ('success', 'failed', 'refunded'))"};

constexpr Statement update_health{
    "update_plugin_interface_health",
    "UPDATE plugin_interfaces SET is_healthy = $2, health_message = $3, health_checked_at = $4 "
    "WHERE id = $1"};

#define VERSION_COLUMNS "id, plugin_type, enabled, fingerprint"

constexpr Statement list_versions{"list_plugin_interface_versions",
                                  "SELECT " VERSION_COLUMNS " FROM plugin_interfaces ORDER BY id"};

constexpr Statement select_version{"select_plugin_interface_version",
                                   "SELECT " VERSION_COLUMNS
                                   " FROM plugin_interfaces WHERE id = $1"};

PluginDefinition read_definition(const Row& row) {
    return {.plugin_id = row.get<std::string>(1),
            .type = row.get<PluginType>(0),
            .name = row.get<std::string>(2),
            .description = row.get<std::string>(3),
            .version = row.get<std::string>(4),
            .manifest = row.get<std::string>(5),
            .config_schema = row.get<std::string>(6),
            .script_source = row.get<std::string>(7),
            .source_hash = row.bytes(8),
            .file_mtime = row.optional<core::Timestamp>(9),
            .load_error = row.get<std::string>(10),
            .updated_at = row.get<core::Timestamp>(11)};
}

PluginInterface read_interface(const Row& row) {
    return {.id = row.get<std::string>(0),
            .plugin_id = row.get<std::string>(1),
            .type = row.get<PluginType>(2),
            .name = row.get<std::string>(3),
            .enabled = row.boolean(4),
            .config = row.get<std::string>(5),
            .config_schema = row.get<std::string>(6),
            .script_source = row.get<std::string>(7),
            .revision = row.integer(8),
            .is_healthy = row.boolean(9),
            .health_message = row.get<std::string>(10),
            .health_checked_at = row.optional<core::Timestamp>(11),
            .created_at = row.get<core::Timestamp>(12),
            .updated_at = row.get<core::Timestamp>(13)};
}

core::InterfaceVersion read_version(const Row& row) {
    return {.id = row.get<std::string>(0),
            .type = row.get<PluginType>(1),
            .enabled = row.boolean(2),
            .fingerprint = row.get<std::string>(3)};
}

Result<Rows> run(Pool& pool, const Statement& statement, const Parameters& parameters = {}) {
    const auto lease = TRY(pool.acquire());
    return lease->run(statement, parameters);
}

// Together with its operation; nothing when the statement touched no row.
Result<Rows> run_logged(Pool& pool, const Statement& statement, Parameters parameters,
                        const core::Operation& operation) {
    Transaction transaction(TRY(pool.acquire()));
    auto rows = TRY(transaction.query(statement, std::move(parameters)));
    if (rows.affected() == 0) return rows;
    TRY(PgOperationLogStore(transaction).append(operation));
    TRY(transaction.commit());
    return rows;
}

Error no_such_interface(std::string_view id) {
    return {ErrorCode::not_found, "there is no plugin interface " + std::string(id)};
}

Error changed_meanwhile() {
    return {ErrorCode::conflict, "the plugin interface was changed meanwhile; try again"};
}

}  // namespace

Result<std::vector<PluginDefinition>> PgPluginDefinitionStore::list_definitions() {
    const auto rows = TRY(run(pool_, list_plugins));
    return rows.mapped(read_definition);
}

Result<std::optional<PluginDefinition>> PgPluginDefinitionStore::find_definition(
    std::string_view plugin_id) {
    const auto rows = TRY(run(pool_, select_plugin, Parameters::of(plugin_id)));
    if (rows.empty()) return std::optional<PluginDefinition>();
    return std::optional(read_definition(rows.front()));
}

Result<bool> PgPluginDefinitionStore::save_definition(const PluginDefinition& definition) {
    const auto rows =
        TRY(run(pool_, upsert_plugin,
                Parameters::of(definition.type, definition.plugin_id, definition.name,
                               definition.description, definition.version, definition.manifest,
                               definition.config_schema, definition.script_source,
                               Bytes{definition.source_hash}, definition.file_mtime)));
    return rows.front().integer(0) > 0;
}

Result<> PgPluginDefinitionStore::save_load_error(std::string_view plugin_id,
                                                  std::string_view message) {
    TRY(run(pool_, update_load_error, Parameters::of(plugin_id, message)));
    return {};
}

Result<PluginInterface> PgPluginInterfaceStore::insert_interface(const PluginInterface& interface,
                                                                 const core::Operation& operation) {
    const auto rows =
        TRY(run_logged(pool_, insert_interface_row,
                       Parameters::of(interface.id, interface.plugin_id, interface.type,
                                      interface.name, interface.enabled, interface.config,
                                      interface.config_schema, interface.script_source),
                       operation));
    return read_interface(rows.front());
}

Result<std::optional<PluginInterface>> PgPluginInterfaceStore::find_interface(std::string_view id) {
    const auto rows = TRY(run(pool_, select_interface, Parameters::of(id)));
    if (rows.empty()) return std::optional<PluginInterface>();
    return std::optional(read_interface(rows.front()));
}

Result<core::InterfacePage> PgPluginInterfaceStore::list_interfaces(
    const core::InterfaceFilter& filter, std::uint32_t page, std::uint32_t page_size) {
    const auto offset = std::uint64_t{page - 1} * page_size;
    core::InterfacePage result;
    const auto rows =
        TRY(run(pool_, list_interface_rows, Parameters::of(filter.type, page_size, offset)));
    result.interfaces = rows.mapped(read_interface);
    const auto count = TRY(run(pool_, count_interface_rows, Parameters::of(filter.type)));
    result.total = static_cast<std::uint64_t>(count.front().integer(0));
    return result;
}

Result<PluginInterface> PgPluginInterfaceStore::update_interface(
    std::string_view id, std::int64_t expected_revision, const core::InterfaceChange& change,
    const core::Operation& operation) {
    const auto rows =
        TRY(run_logged(pool_, update_interface_row,
                       Parameters::of(id, expected_revision, change.name, change.enabled,
                                      change.config, change.config_schema, change.script_source),
                       operation));
    if (!rows.empty()) return read_interface(rows.front());
    const auto found = TRY(find_interface(id));
    if (!found) return no_such_interface(id);
    return changed_meanwhile();
}

Result<> PgPluginInterfaceStore::remove_interface(std::string_view id,
                                                  std::int64_t expected_revision,
                                                  const core::Operation& operation) {
    const auto rows = TRY(
        run_logged(pool_, delete_interface_row, Parameters::of(id, expected_revision), operation));
    if (rows.affected() > 0) return {};
    const auto found = TRY(find_interface(id));
    if (!found) return no_such_interface(id);
    if (found->revision != expected_revision) return changed_meanwhile();
    return Error{ErrorCode::failed_precondition,
                 "products, running instances or open payments still name this interface"};
}

Result<> PgPluginInterfaceStore::save_health(std::string_view id, bool is_healthy,
                                             std::string_view message, core::Timestamp checked_at) {
    TRY(run(pool_, update_health, Parameters::of(id, is_healthy, message, checked_at)));
    return {};
}

Result<std::vector<core::InterfaceVersion>> PgPluginInterfaceStore::versions() {
    const auto rows = TRY(run(pool_, list_versions));
    return rows.mapped(read_version);
}

Result<std::optional<core::InterfaceVersion>> PgPluginInterfaceStore::version_of(
    std::string_view id) {
    const auto rows = TRY(run(pool_, select_version, Parameters::of(id)));
    if (rows.empty()) return std::optional<core::InterfaceVersion>();
    return std::optional(read_version(rows.front()));
}

}  // namespace rb::store_pg
