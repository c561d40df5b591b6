#include "store_pg/credential_store.hpp"

#include "store_pg/api_key_store.hpp"
#include "store_pg/digest_bytes.hpp"
#include "store_pg/sql_text.hpp"

namespace rb::store_pg {

namespace {

// Without the password hash: who authenticates a call has no use for it.
constexpr char user_columns[] =
    "u.id, u.username, u.email, u.display_name, u.user_type, u.role, u.is_active, "
    "u.credentials_changed_at, u.created_at, u.updated_at";
constexpr int user_column_count = 10;

constexpr auto select_session_sql =
    sql_text("SELECT ", user_columns,
             ", s.id, s.created_at, s.last_seen_at, s.absolute_expires_at, s.revoked_at, s.ip, "
             "s.user_agent, EXISTS (SELECT 1 FROM sign_in_policy WHERE admins_need_second_factor) "
             "AND NOT EXISTS (SELECT 1 FROM user_totp_secrets t WHERE t.user_id = u.id) "
             "AND NOT EXISTS (SELECT 1 FROM user_passkeys p WHERE p.user_id = u.id) "
             "FROM sessions s JOIN users u ON u.id = s.user_id "
             "WHERE s.token_hash = $1");
constexpr Statement select_session{"credential_session", select_session_sql.data()};

constexpr auto select_family_sql = sql_text(
    "SELECT u.is_active, u.user_type, u.credentials_changed_at, "
    "EXISTS (SELECT 1 FROM memberships m JOIN customers c ON c.id = m.customer_id "
    "WHERE m.user_id = u.id AND m.customer_id = $2 AND c.is_active), "
    "EXISTS (SELECT 1 FROM refresh_tokens t WHERE t.family_id = $3 AND t.user_id = u.id "
    "AND t.revoked_at IS NULL AND t.expires_at > $4) FROM users u WHERE u.id = $1");
constexpr Statement select_family{"credential_family", select_family_sql.data()};

constexpr auto select_key_sql =
    sql_text("SELECT ", api_key_columns,
             ", c.is_active FROM api_keys k JOIN customers c ON c.id = k.customer_id "
             "WHERE k.key_hash = $1");
constexpr Statement select_key{"credential_api_key", select_key_sql.data()};

core::User user_from(const Row& row) {
    return {.id = row.get<core::UserId>(0),
            .username = row.get<std::string>(1),
            .email = row.get<std::string>(2),
            .display_name = row.get<std::string>(3),
            .password_hash = {},
            .type = row.get<core::UserType>(4),
            .role = row.get<std::string>(5),
            .is_active = row.boolean(6),
            .credentials_changed_at = row.timestamp(7),
            .created_at = row.timestamp(8),
            .updated_at = row.timestamp(9)};
}

}  // namespace

Result<std::optional<core::SessionCredential>> PgCredentialStore::find_session(
    const core::Digest& token_hash) {
    const auto rows = TRY(transaction_.query(select_session, Parameters::of(bytes_of(token_hash))));
    if (rows.empty()) return std::optional<core::SessionCredential>();
    const auto row = rows.front();
    constexpr int first = user_column_count;
    auto user = user_from(row);
    core::Session session{.id = row.get<core::SessionId>(first),
                          .user = user.id,
                          .token_hash = token_hash,
                          .created_at = row.timestamp(first + 1),
                          .last_seen_at = row.timestamp(first + 2),
                          .absolute_expires_at = row.timestamp(first + 3),
                          .revoked_at = row.optional<core::Timestamp>(first + 4),
                          .ip = row.get<std::string>(first + 5),
                          .user_agent = row.get<std::string>(first + 6)};
    return std::optional(core::SessionCredential{.session = std::move(session),
                                                 .user = std::move(user),
                                                 .lacks_second_factor = row.boolean(first + 7)});
}

Result<std::optional<core::FamilyCredential>> PgCredentialStore::find_family(
    core::UserId user, core::CustomerId customer, Uuid family, core::Timestamp now) {
    const auto rows =
        TRY(transaction_.query(select_family, Parameters::of(user, customer, family, now)));
    if (rows.empty()) return std::optional<core::FamilyCredential>();
    const auto row = rows.front();
    return std::optional(core::FamilyCredential{.is_active = row.boolean(0),
                                                .type = row.get<core::UserType>(1),
                                                .credentials_changed_at = row.timestamp(2),
                                                .is_member = row.boolean(3),
                                                .is_family_alive = row.boolean(4)});
}

Result<std::optional<core::ApiKeyCredential>> PgCredentialStore::find_api_key(
    const core::Digest& key_hash) {
    const auto rows = TRY(transaction_.query(select_key, Parameters::of(bytes_of(key_hash))));
    if (rows.empty()) return std::optional<core::ApiKeyCredential>();
    const auto row = rows.front();
    return std::optional(core::ApiKeyCredential{
        .key = api_key_from(row), .is_customer_active = row.boolean(api_key_column_count)});
}

}  // namespace rb::store_pg
