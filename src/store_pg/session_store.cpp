#include "store_pg/session_store.hpp"

#include "store_pg/digest_bytes.hpp"
#include "store_pg/sql_text.hpp"

#include <algorithm>

namespace rb::store_pg {

namespace {

constexpr Statement insert_session{
    "session_insert",
    "INSERT INTO sessions (id, user_id, token_hash, created_at, last_seen_at, absolute_expires_at, "
    "ip, user_agent) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"};
constexpr Statement touch_session{
    "session_touch", "UPDATE sessions SET last_seen_at = $2 WHERE id = $1 AND last_seen_at < $2"};
constexpr Statement select_session_open{
    "session_is_open",
    "SELECT EXISTS (SELECT 1 FROM sessions WHERE id = $1 AND revoked_at IS NULL)"};
constexpr Statement revoke_session{"session_revoke",
                                   "UPDATE sessions SET revoked_at = $2 WHERE id = $1 AND "
                                   "revoked_at IS NULL RETURNING token_hash"};
constexpr Statement revoke_sessions{
    "session_revoke_all",
    "UPDATE sessions SET revoked_at = $3 WHERE user_id = $1 AND id <> $2 AND revoked_at IS NULL "
    "RETURNING token_hash"};

constexpr Statement delete_ended_sessions{
    "session_delete_ended",
    "DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE absolute_expires_at < $1 "
    "ORDER BY absolute_expires_at LIMIT $2)"};

constexpr Statement insert_token{
    "refresh_token_insert",
    "INSERT INTO refresh_tokens (id, family_id, user_id, token_hash, created_at, expires_at) "
    "VALUES ($1, $2, $3, $4, $5, $6)"};
constexpr Statement select_token{
    "refresh_token_find",
    "SELECT id, family_id, user_id, token_hash, created_at, expires_at, used_at, revoked_at "
    "FROM refresh_tokens WHERE token_hash = $1"};
constexpr Statement use_token{
    "refresh_token_use",
    "UPDATE refresh_tokens SET used_at = $2 WHERE id = $1 AND used_at IS NULL"};
constexpr Statement select_family_open{
    "refresh_token_is_family_open",
    "SELECT EXISTS (SELECT 1 FROM refresh_tokens WHERE family_id = $1 AND revoked_at IS NULL)"};
constexpr Statement revoke_token_family{
    "refresh_token_revoke_family",
    "UPDATE refresh_tokens SET revoked_at = $2 WHERE family_id = $1 AND revoked_at IS NULL"};
constexpr Statement revoke_user_tokens{
    "refresh_token_revoke_all",
    "UPDATE refresh_tokens SET revoked_at = $3 WHERE user_id = $1 AND family_id <> $2 "
    "AND revoked_at IS NULL"};

// Every family has one token that is not used, its newest: families are found by it, and it goes
// last. A spent token stays as long as any of its family could be presented.
constexpr Statement delete_ended_families{
    "refresh_token_delete_ended",
    "DELETE FROM refresh_tokens WHERE id IN (SELECT id FROM refresh_tokens WHERE family_id IN ("
    "SELECT head.family_id FROM refresh_tokens head WHERE head.used_at IS NULL "
    "AND head.expires_at < $1 AND NOT EXISTS (SELECT 1 FROM refresh_tokens newer "
    "WHERE newer.family_id = head.family_id AND newer.expires_at >= $1) "
    "ORDER BY head.expires_at LIMIT $3) ORDER BY used_at IS NULL, expires_at LIMIT $2)"};
// Long families would otherwise be sorted again for each batch.
constexpr int tokens_per_family_expected = 10;

constexpr char code_columns[] =
    "id, email, purpose, code_hash, attempts, created_at, expires_at, consumed_at";
constexpr Statement insert_code{
    "verification_code_insert",
    "INSERT INTO verification_codes (id, email, purpose, code_hash, created_at, expires_at) "
    "VALUES ($1, $2, $3, $4, $5, $6)"};
constexpr auto select_code_sql =
    sql_text("SELECT ", code_columns, " FROM verification_codes WHERE id = $1");
constexpr Statement select_code{"verification_code_find", select_code_sql.data()};
constexpr auto lock_newest_code_sql =
    sql_text("SELECT ", code_columns,
             " FROM verification_codes WHERE lower(email) = lower($1) AND purpose = $2 "
             "ORDER BY created_at DESC, id DESC LIMIT 1 FOR UPDATE");
constexpr Statement lock_newest_code{"verification_code_lock_newest", lock_newest_code_sql.data()};
// Two requests for one address at once find no row to lock: they queue on the address itself.
constexpr Statement lock_address{
    "verification_code_lock_address",
    "SELECT pg_advisory_xact_lock(hashtextextended('verification_code:' || lower($1) || ':' || $2, "
    "0))"};
constexpr Statement count_code_attempt{
    "verification_code_count_attempt",
    "UPDATE verification_codes SET attempts = attempts + 1 WHERE id = $1"};
constexpr Statement consume_code{
    "verification_code_consume",
    "UPDATE verification_codes SET consumed_at = $2 WHERE id = $1 AND consumed_at IS NULL"};

constexpr Statement delete_expired_codes{
    "verification_code_delete_expired",
    "DELETE FROM verification_codes WHERE id IN (SELECT id FROM verification_codes "
    "WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)"};

core::RefreshToken token_from(const Row& row) {
    return {.id = row.uuid(0),
            .family = row.uuid(1),
            .user = row.get<core::UserId>(2),
            .token_hash = digest_from(row, 3),
            .created_at = row.timestamp(4),
            .expires_at = row.timestamp(5),
            .used_at = row.optional<core::Timestamp>(6),
            .revoked_at = row.optional<core::Timestamp>(7)};
}

core::VerificationCode code_from(const Row& row) {
    return {.id = row.uuid(0),
            .email = row.get<std::string>(1),
            .purpose = row.get<core::VerificationPurpose>(2),
            .code_hash = digest_from(row, 3),
            .attempts = row.get<int>(4),
            .created_at = row.timestamp(5),
            .expires_at = row.timestamp(6),
            .consumed_at = row.optional<core::Timestamp>(7)};
}

std::vector<core::Digest> digests_from(const Rows& rows) {
    return rows.mapped([](const Row& row) { return digest_from(row, 0); });
}

}  // namespace

Result<> PgSessionStore::insert(const core::Session& session) {
    transaction_.defer(insert_session,
                       Parameters::of(session.id, session.user, bytes_of(session.token_hash),
                                      session.created_at, session.last_seen_at,
                                      session.absolute_expires_at, session.ip, session.user_agent));
    return {};
}

Result<> PgSessionStore::touch(core::SessionId id, core::Timestamp seen_at) {
    transaction_.defer(touch_session, Parameters::of(id, seen_at), Expect::any);
    return {};
}

Result<bool> PgSessionStore::is_open(core::SessionId id) {
    return TRY(transaction_.query(select_session_open, Parameters::of(id))).front().boolean(0);
}

Result<std::vector<core::Digest>> PgSessionStore::revoke(core::SessionId id, core::Timestamp at) {
    return digests_from(TRY(transaction_.query(revoke_session, Parameters::of(id, at))));
}

Result<std::vector<core::Digest>> PgSessionStore::revoke_all_of(core::UserId user,
                                                                core::SessionId kept,
                                                                core::Timestamp at) {
    return digests_from(TRY(transaction_.query(revoke_sessions, Parameters::of(user, kept, at))));
}

Result<int> PgSessionStore::remove_ended(core::Timestamp before, int limit) {
    const auto rows = TRY(transaction_.query(delete_ended_sessions, Parameters::of(before, limit)));
    return static_cast<int>(rows.affected());
}

Result<> PgRefreshTokenStore::insert(const core::RefreshToken& token) {
    transaction_.defer(
        insert_token, Parameters::of(token.id, token.family, token.user, bytes_of(token.token_hash),
                                     token.created_at, token.expires_at));
    return {};
}

Result<std::optional<core::RefreshToken>> PgRefreshTokenStore::find_by_token_hash(
    const core::Digest& token_hash) {
    const auto rows = TRY(transaction_.query(select_token, Parameters::of(bytes_of(token_hash))));
    if (rows.empty()) return std::optional<core::RefreshToken>();
    return std::optional(token_from(rows.front()));
}

Result<> PgRefreshTokenStore::mark_used(Uuid id, core::Timestamp at) {
    transaction_.defer(use_token, Parameters::of(id, at));
    return {};
}

Result<bool> PgRefreshTokenStore::is_family_open(Uuid family) {
    return TRY(transaction_.query(select_family_open, Parameters::of(family))).front().boolean(0);
}

Result<> PgRefreshTokenStore::revoke_family(Uuid family, core::Timestamp at) {
    transaction_.defer(revoke_token_family, Parameters::of(family, at), Expect::any);
    return {};
}

Result<> PgRefreshTokenStore::revoke_all_of(core::UserId user, Uuid kept, core::Timestamp at) {
    transaction_.defer(revoke_user_tokens, Parameters::of(user, kept, at), Expect::any);
    return {};
}

Result<int> PgRefreshTokenStore::remove_ended_families(core::Timestamp before, int limit) {
    const int families = std::max(1, limit / tokens_per_family_expected);
    const auto rows =
        TRY(transaction_.query(delete_ended_families, Parameters::of(before, limit, families)));
    return static_cast<int>(rows.affected());
}

Result<> PgVerificationCodeStore::insert(const core::VerificationCode& code) {
    transaction_.defer(insert_code,
                       Parameters::of(code.id, code.email, code.purpose, bytes_of(code.code_hash),
                                      code.created_at, code.expires_at));
    return {};
}

Result<std::optional<core::VerificationCode>> PgVerificationCodeStore::find(Uuid id) {
    const auto rows = TRY(transaction_.query(select_code, Parameters::of(id)));
    if (rows.empty()) return std::optional<core::VerificationCode>();
    return std::optional(code_from(rows.front()));
}

Result<std::optional<core::VerificationCode>> PgVerificationCodeStore::find_newest_for_update(
    std::string_view email, core::VerificationPurpose purpose) {
    transaction_.defer(lock_address, Parameters::of(email, purpose), Expect::any);
    const auto rows = TRY(transaction_.query(lock_newest_code, Parameters::of(email, purpose)));
    if (rows.empty()) return std::optional<core::VerificationCode>();
    return std::optional(code_from(rows.front()));
}

Result<> PgVerificationCodeStore::count_attempt(Uuid id) {
    transaction_.defer(count_code_attempt, Parameters::of(id));
    return {};
}

Result<> PgVerificationCodeStore::consume(Uuid id, core::Timestamp at) {
    transaction_.defer(consume_code, Parameters::of(id, at));
    return {};
}

Result<int> PgVerificationCodeStore::remove_expired(core::Timestamp before, int limit) {
    const auto rows = TRY(transaction_.query(delete_expired_codes, Parameters::of(before, limit)));
    return static_cast<int>(rows.affected());
}

}  // namespace rb::store_pg
