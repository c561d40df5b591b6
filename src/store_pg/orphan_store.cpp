#include "store_pg/orphan_store.hpp"

namespace rb::store_pg {
namespace {

#define ORPHAN_COLUMNS                                                                      \
    "id, provider_id, provider_instance_id, state, ip_address, opened_for, first_seen_at, " \
    "last_seen_at"

// One list per fact. A page that names a server twice is one server.
constexpr Statement insert_unknown{
    "insert_unknown_servers",
    "INSERT INTO provider_orphans (provider_id, provider_instance_id, state, ip_address, "
    "opened_for, first_seen_at, last_seen_at) "
    "SELECT DISTINCT ON (v.id) $1, v.id, v.state, v.address, nullif(v.key, '')::uuid, "
    "$6::timestamptz, $6::timestamptz "
    "FROM unnest($2::text[], $3::text[], $4::text[], $5::text[]) AS v(id, state, address, key) "
    "WHERE NOT EXISTS (SELECT 1 FROM instances i WHERE i.provider_id = $1 "
    "AND i.provider_instance_id = v.id AND i.provider_instance_id <> '' "
    "AND i.status <> 'terminated') "
    "AND NOT EXISTS (SELECT 1 FROM instances i WHERE i.id = nullif(v.key, '')::uuid "
    "AND i.status <> 'terminated') "
    "ON CONFLICT (provider_id, provider_instance_id) DO UPDATE SET state = excluded.state, "
    "ip_address = excluded.ip_address, opened_for = excluded.opened_for, "
    "last_seen_at = excluded.last_seen_at"};

constexpr Statement delete_unseen{
    "delete_unseen_orphans",
    "DELETE FROM provider_orphans WHERE provider_id = $1 AND last_seen_at < $2"};

constexpr Statement delete_others{"delete_orphans_of_other_providers",
                                  "DELETE FROM provider_orphans WHERE provider_id <> ALL ($1)"};

constexpr Statement take_untold_orphans{
    "take_untold_orphans",
    "UPDATE provider_orphans SET told_at = $3 "
    "WHERE provider_id = $1 AND first_seen_at <= $2 AND told_at IS NULL RETURNING " ORPHAN_COLUMNS};

constexpr Statement list_orphans{"list_orphans", "SELECT " ORPHAN_COLUMNS
                                                 " FROM provider_orphans WHERE first_seen_at <= $1 "
                                                 "ORDER BY first_seen_at, id LIMIT $2 OFFSET $3"};

constexpr Statement count_orphans{
    "count_orphans", "SELECT count(*) FROM provider_orphans WHERE first_seen_at <= $1"};

core::Orphan read_orphan(const Row& row) {
    return {.id = row.uuid(0),
            .provider_id = row.get<std::string>(1),
            .provider_instance_id = row.get<std::string>(2),
            .state = row.get<core::ProviderState>(3),
            .ip_address = row.get<std::string>(4),
            .opened_for = row.optional<core::InstanceId>(5),
            .first_seen_at = row.timestamp(6),
            .last_seen_at = row.timestamp(7)};
}

}  // namespace

Result<> PgOrphanStore::note_unknown(std::string_view provider_id,
                                     const std::vector<core::InstanceView>& views,
                                     core::Timestamp now) {
    std::vector<std::string> ids;
    std::vector<std::string> states;
    std::vector<std::string> addresses;
    std::vector<std::string> keys;
    for (const auto& view : views) {
        if (view.state == core::ProviderState::gone || view.provider_instance_id.empty()) continue;
        ids.push_back(view.provider_instance_id);
        states.emplace_back(core::name_of(view.state));
        addresses.push_back(view.ip_addresses.empty() ? std::string() : view.ip_addresses.front());
        // An opening's key is its instance's id; another key is nobody's of ours.
        const bool is_ours = core::InstanceId::parse(view.opened_with_key, "key").has_value();
        keys.push_back(is_ours ? view.opened_with_key : std::string());
    }
    if (ids.empty()) return {};
    transaction_.defer(insert_unknown,
                       Parameters::of(provider_id, ids, states, addresses, keys, now));
    return {};
}

Result<> PgOrphanStore::forget_unseen_since(std::string_view provider_id, core::Timestamp since) {
    transaction_.defer(delete_unseen, Parameters::of(provider_id, since));
    return {};
}

Result<> PgOrphanStore::forget_all_but(const std::vector<std::string>& provider_ids) {
    transaction_.defer(delete_others, Parameters::of(provider_ids));
    return {};
}

Result<std::vector<core::Orphan>> PgOrphanStore::take_untold(std::string_view provider_id,
                                                             core::Timestamp seen_by,
                                                             core::Timestamp now) {
    return TRY(transaction_.query(take_untold_orphans, Parameters::of(provider_id, seen_by, now)))
        .mapped(read_orphan);
}

Result<core::Page<core::Orphan>> PgOrphanStore::list(core::Timestamp seen_by,
                                                     core::PageRequest page) {
    const auto count = TRY(transaction_.query(count_orphans, Parameters::of(seen_by)));
    const auto rows = TRY(
        transaction_.query(list_orphans, Parameters::of(seen_by, page.page_size, page.offset())));
    return core::Page<core::Orphan>{.items = rows.mapped(read_orphan),
                                    .total = static_cast<std::uint64_t>(count.front().integer(0))};
}

}  // namespace rb::store_pg
