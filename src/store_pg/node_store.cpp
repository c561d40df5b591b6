#include "store_pg/node_store.hpp"

namespace rb::store_pg {
namespace {

constexpr Statement upsert_node{
    "upsert_node",
    "INSERT INTO server_instances (id, hostname, pid, address, version, started_at, "
    "last_heartbeat) VALUES ($1, $2, $3, $4, $5, $6, now()) "
    "ON CONFLICT (id) DO UPDATE SET address = excluded.address, "
    "last_heartbeat = excluded.last_heartbeat"};

constexpr Statement delete_node{"delete_node", "DELETE FROM server_instances WHERE id = $1"};

constexpr Statement list_nodes{
    "list_nodes",
    "SELECT id, hostname, pid, address, version, started_at, last_heartbeat "
    "FROM server_instances ORDER BY started_at, id"};

constexpr Statement delete_silent_nodes{"delete_silent_nodes",
                                        "DELETE FROM server_instances WHERE last_heartbeat < "
                                        "now() - $1::bigint * interval '1 second' RETURNING id"};

// A change of holder raises the term; renewing one's own lease does not.
constexpr Statement take_role{
    "take_leader_role",
    "INSERT INTO leader_role AS r (role, holder, acquired_at, expires_at, term) "
    "VALUES ($1, $2, $3, $4, 1) ON CONFLICT (role) DO UPDATE SET "
    "acquired_at = CASE WHEN r.holder = $2 THEN r.acquired_at ELSE $3 END, "
    "term = CASE WHEN r.holder = $2 AND r.expires_at > $3 THEN r.term ELSE r.term + 1 END, "
    "holder = $2, expires_at = $4 "
    "WHERE r.holder IS NULL OR r.holder = $2 OR r.expires_at <= $3 RETURNING term"};

constexpr Statement lock_role{
    "lock_leader_role",
    "SELECT 1 FROM leader_role WHERE role = $1 AND holder = $2 AND term = $3 AND expires_at > $4 "
    "FOR UPDATE"};

constexpr Statement release_role{
    "release_leader_role",
    "UPDATE leader_role SET holder = NULL, expires_at = NULL WHERE role = $1 AND holder = $2"};

core::Node read_node(const Row& row) {
    return {.id = row.get<core::NodeId>(0),
            .hostname = row.get<std::string>(1),
            .pid = row.get<int>(2),
            .address = row.get<std::string>(3),
            .version = row.get<std::string>(4),
            .started_at = row.timestamp(5),
            .last_heartbeat = row.timestamp(6)};
}

}  // namespace

Result<> PgNodeStore::beat(const core::Node& node) {
    transaction_.defer(upsert_node, Parameters::of(node.id, node.hostname, node.pid, node.address,
                                                   node.version, node.started_at));
    return {};
}

Result<> PgNodeStore::remove(core::NodeId id) {
    transaction_.defer(delete_node, Parameters::of(id));
    return {};
}

Result<std::vector<core::Node>> PgNodeStore::list() {
    return TRY(transaction_.query(list_nodes)).mapped(read_node);
}

Result<std::vector<core::NodeId>> PgNodeStore::remove_silent(std::chrono::seconds silence) {
    return TRY(transaction_.query(delete_silent_nodes, Parameters::of(silence.count())))
        .mapped([](const Row& row) { return row.get<core::NodeId>(0); });
}

Result<std::optional<std::int64_t>> PgLeaseStore::take(core::LeaderRole role, core::NodeId node,
                                                       core::Timestamp now,
                                                       std::chrono::seconds duration) {
    const auto rows =
        TRY(transaction_.query(take_role, Parameters::of(role, node, now, now + duration)));
    if (rows.empty()) return std::optional<std::int64_t>();
    return std::optional(rows.front().integer(0));
}

Result<bool> PgLeaseStore::holds(core::LeaderRole role, core::NodeId node, std::int64_t term,
                                 core::Timestamp now) {
    const auto rows = TRY(transaction_.query(lock_role, Parameters::of(role, node, term, now)));
    return !rows.empty();
}

Result<> PgLeaseStore::release(core::LeaderRole role, core::NodeId node) {
    transaction_.defer(release_role, Parameters::of(role, node));
    return {};
}

}  // namespace rb::store_pg
