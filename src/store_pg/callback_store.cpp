#include "store_pg/callback_store.hpp"

#include "store_pg/json_text.hpp"

namespace rb::store_pg {
namespace {

#define CALLBACK_COLUMNS                                                               \
    "id, gateway_id, method, path, query, headers, body, peer, received_at, outcome, " \
    "outcome_reason, payment_id, attempts, is_verified"

#define CALLBACK_FILTER \
    "WHERE ($1::text IS NULL OR gateway_id = $1) AND ($2::text IS NULL OR outcome = $2) "

constexpr Statement insert_callback{
    "insert_callback",
    "INSERT INTO gateway_callbacks (id, gateway_id, method, path, query, headers, body, peer, "
    "received_at, is_verified) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"};

// Counts no further than it must.
constexpr Statement insert_callback_within{
    "insert_callback_within",
    "INSERT INTO gateway_callbacks (id, gateway_id, method, path, query, headers, body, peer, "
    "received_at, is_verified) SELECT $1::uuid, $2::text, $3::text, $4::text, $5::text, "
    "$6::jsonb, $7::bytea, $8::text, $9::timestamptz, $10::boolean "
    "WHERE (SELECT count(*) FROM (SELECT 1 FROM gateway_callbacks WHERE gateway_id = $2 "
    "AND received_at > $11 AND NOT is_verified LIMIT $12) AS unverified) < $12"};

// In a flood it only reads: the row is written once for each window.
constexpr Statement upsert_callback_flood{
    "note_callback_flood",
    "INSERT INTO callback_floods (gateway_id, noted_at) SELECT $1::text, $2::timestamptz "
    "WHERE NOT EXISTS (SELECT 1 FROM callback_floods WHERE gateway_id = $1 AND noted_at > $3) "
    "ON CONFLICT (gateway_id) DO UPDATE SET noted_at = EXCLUDED.noted_at "
    "WHERE callback_floods.noted_at <= $3"};

constexpr Statement select_callback{
    "select_callback", "SELECT " CALLBACK_COLUMNS " FROM gateway_callbacks WHERE id = $1"};

// What was applied stays applied, whatever a replay finds.
constexpr Statement update_callback{
    "update_callback",
    "UPDATE gateway_callbacks SET outcome = CASE WHEN outcome = 'applied' THEN outcome ELSE $2 "
    "END, outcome_reason = CASE WHEN outcome = 'applied' THEN outcome_reason ELSE $3 END, "
    "payment_id = coalesce(payment_id, $4), attempts = attempts + 1, processed_at = $5, "
    "is_verified = is_verified OR $6 "
    "WHERE id = $1"};

constexpr Statement list_callbacks{
    "list_callbacks", "SELECT " CALLBACK_COLUMNS " FROM gateway_callbacks " CALLBACK_FILTER
                      "ORDER BY received_at DESC, id DESC LIMIT $3 OFFSET $4"};

constexpr Statement count_callbacks{"count_callbacks",
                                    "SELECT count(*) FROM gateway_callbacks " CALLBACK_FILTER};

// What a replay has found genuine meanwhile is seen by the outer conditions.
constexpr Statement delete_rejected_callbacks{
    "delete_rejected_callbacks",
    "DELETE FROM gateway_callbacks WHERE id IN (SELECT id FROM gateway_callbacks "
    "WHERE outcome = 'rejected' AND NOT is_verified AND received_at < $1 "
    "ORDER BY received_at LIMIT $2) AND outcome = 'rejected' AND NOT is_verified"};

// Counts no further than it must.
constexpr Statement delete_repeated_callback{
    "delete_repeated_callback",
    "DELETE FROM gateway_callbacks WHERE id = $1 AND outcome = 'duplicate' "
    "AND (SELECT count(*) FROM (SELECT 1 FROM gateway_callbacks WHERE payment_id = $2 "
    "AND outcome = 'duplicate' LIMIT $3 + 1) AS repeats) > $3 "
    "AND NOT EXISTS (SELECT 1 FROM payment_events WHERE callback_id = $1)"};

core::StoredCallback read_callback(const Row& row) {
    return {.id = row.get<core::CallbackId>(0),
            .gateway_id = row.get<std::string>(1),
            .raw = {.method = row.get<std::string>(2),
                    .path = row.get<std::string>(3),
                    .query = row.get<std::string>(4),
                    .headers = string_map_of(row.text(5)),
                    .body = row.bytes(6)},
            .peer = row.get<std::string>(7),
            .received_at = row.timestamp(8),
            .outcome = row.get<core::CallbackOutcome>(9),
            .outcome_reason = row.get<std::string>(10),
            .is_verified = row.boolean(13),
            .payment = row.optional<core::PaymentId>(11),
            .attempts = row.get<int>(12)};
}

Parameters new_row(const core::StoredCallback& callback) {
    return Parameters::of(callback.id, callback.gateway_id, callback.raw.method, callback.raw.path,
                          callback.raw.query, to_json(callback.raw.headers),
                          Bytes{callback.raw.body}, callback.peer, callback.received_at,
                          callback.is_verified);
}

}  // namespace

Result<> PgCallbackStore::insert(const core::StoredCallback& callback) {
    transaction_.defer(insert_callback, new_row(callback));
    return {};
}

Result<bool> PgCallbackStore::insert_within(const core::StoredCallback& callback,
                                            core::Timestamp since, int unverified_max) {
    auto parameters = new_row(callback);
    parameters.add(since);
    parameters.add(unverified_max);
    const auto rows = TRY(transaction_.query(insert_callback_within, std::move(parameters)));
    return rows.affected() == 1;
}

Result<bool> PgCallbackStore::note_flood(std::string_view gateway_id, core::Timestamp now,
                                         core::Timestamp since) {
    const auto rows =
        TRY(transaction_.query(upsert_callback_flood, Parameters::of(gateway_id, now, since)));
    return rows.affected() == 1;
}

Result<std::optional<core::StoredCallback>> PgCallbackStore::find(core::CallbackId id) {
    const auto rows = TRY(transaction_.query(select_callback, Parameters::of(id)));
    if (rows.empty()) return std::optional<core::StoredCallback>();
    return std::optional(read_callback(rows.front()));
}

Result<> PgCallbackStore::save_outcome(const core::StoredCallback& callback, core::Timestamp now) {
    transaction_.defer(update_callback,
                       Parameters::of(callback.id, callback.outcome, callback.outcome_reason,
                                      callback.payment, now, callback.is_verified));
    return {};
}

Result<> PgCallbackStore::remove_repeat(const core::StoredCallback& callback, int kept_max) {
    transaction_.defer(delete_repeated_callback,
                       Parameters::of(callback.id, callback.payment, kept_max));
    return {};
}

Result<int> PgCallbackStore::remove_rejected(core::Timestamp before, int limit) {
    const auto rows =
        TRY(transaction_.query(delete_rejected_callbacks, Parameters::of(before, limit)));
    return static_cast<int>(rows.affected());
}

Result<core::Page<core::StoredCallback>> PgCallbackStore::list(const core::CallbackFilter& filter,
                                                               core::PageRequest page) {
    auto parameters = Parameters::of(filter.gateway_id, filter.outcome);
    const auto count = TRY(transaction_.query(count_callbacks, parameters));
    parameters.add(page.page_size);
    parameters.add(page.offset());
    const auto rows = TRY(transaction_.query(list_callbacks, std::move(parameters)));
    return core::Page<core::StoredCallback>{
        .items = rows.mapped(read_callback),
        .total = static_cast<std::uint64_t>(count.front().integer(0))};
}

}  // namespace rb::store_pg
