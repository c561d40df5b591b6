#include "store_pg/api_key_store.hpp"

#include "store_pg/digest_bytes.hpp"
#include "store_pg/sql_text.hpp"

#include <algorithm>
#include <functional>
#include <utility>

namespace rb::store_pg {

namespace {

constexpr Statement insert_key{
    "api_key_insert",
    "INSERT INTO api_keys (id, customer_id, created_by, name, key_prefix, key_hash, scopes, "
    "enabled, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"};
constexpr auto select_key_sql =
    sql_text("SELECT ", api_key_columns, " FROM api_keys k WHERE k.id = $1");
constexpr Statement select_key{"api_key_find", select_key_sql.data()};
constexpr auto select_keys_sql =
    sql_text("SELECT ", api_key_columns,
             " FROM api_keys k WHERE k.customer_id = $1 "
             "ORDER BY k.enabled AND (k.expires_at IS NULL OR k.expires_at > $3) DESC, "
             "k.created_at DESC, k.id DESC LIMIT $2");
constexpr Statement select_keys{"api_key_list", select_keys_sql.data()};
constexpr Statement count_keys{"api_key_count_valid",
                               "SELECT count(*) FROM api_keys WHERE customer_id = $1 AND enabled "
                               "AND (expires_at IS NULL OR expires_at > $2)"};
constexpr Statement disable_key{"api_key_disable",
                                "UPDATE api_keys SET enabled = false WHERE id = $1"};
constexpr Statement touch_key{"api_key_touch",
                              "UPDATE api_keys SET last_used_at = $2 "
                              "WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < $2)"};

}  // namespace

core::ApiKey api_key_from(const Row& row) {
    return {.id = row.get<core::ApiKeyId>(0),
            .customer = row.get<core::CustomerId>(1),
            .created_by = row.optional<core::UserId>(2),
            .name = row.get<std::string>(3),
            .key_prefix = row.get<std::string>(4),
            .key_hash = digest_from(row, 5),
            .scopes = row.texts(6),
            .enabled = row.boolean(7),
            .created_at = row.timestamp(8),
            .last_used_at = row.optional<core::Timestamp>(9),
            .expires_at = row.optional<core::Timestamp>(10)};
}

Result<> PgApiKeyStore::insert(const core::ApiKey& key) {
    transaction_.defer(
        insert_key, Parameters::of(key.id, key.customer, key.created_by, key.name, key.key_prefix,
                                   bytes_of(key.key_hash), key.scopes, key.enabled, key.created_at,
                                   key.expires_at));
    return {};
}

Result<std::optional<core::ApiKey>> PgApiKeyStore::find(core::ApiKeyId id) {
    const auto rows = TRY(transaction_.query(select_key, Parameters::of(id)));
    if (rows.empty()) return std::optional<core::ApiKey>();
    return std::optional(api_key_from(rows.front()));
}

Result<std::vector<core::ApiKey>> PgApiKeyStore::list_of(core::CustomerId customer,
                                                         core::Timestamp now) {
    const auto rows = TRY(transaction_.query(
        select_keys, Parameters::of(customer, core::limits::api_keys_listed_max, now)));
    auto keys = rows.mapped(api_key_from);
    // They come with the valid ones in front.
    std::ranges::sort(keys, std::ranges::greater(),
                      [](const auto& key) { return std::pair(key.created_at, key.id); });
    return keys;
}

Result<std::size_t> PgApiKeyStore::count_valid(core::CustomerId customer, core::Timestamp now) {
    return TRY(transaction_.query(count_keys, Parameters::of(customer, now)))
        .front()
        .get<std::size_t>(0);
}

Result<> PgApiKeyStore::disable(core::ApiKeyId id) {
    transaction_.defer(disable_key, Parameters::of(id));
    return {};
}

Result<> PgApiKeyStore::touch(core::ApiKeyId id, core::Timestamp used_at) {
    transaction_.defer(touch_key, Parameters::of(id, used_at), Expect::any);
    return {};
}

}  // namespace rb::store_pg
