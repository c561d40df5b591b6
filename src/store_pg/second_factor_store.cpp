#include "store_pg/second_factor_store.hpp"

#include "store_pg/digest_bytes.hpp"
#include "store_pg/sql_text.hpp"

namespace rb::store_pg {

namespace {

constexpr Statement select_factors{
    "second_factor_find",
    "SELECT t.sealed_secret, t.last_step, t.created_at, "
    "(SELECT count(*) FROM user_passkeys p WHERE p.user_id = u.id), "
    "(SELECT count(*) FROM user_recovery_codes r WHERE r.user_id = u.id) "
    "FROM users u LEFT JOIN user_totp_secrets t ON t.user_id = u.id WHERE u.id = $1"};

constexpr Statement insert_totp_secret{
    "totp_insert",
    "INSERT INTO user_totp_secrets (user_id, sealed_secret, last_step, created_at) "
    "VALUES ($1, $2, $3, $4)"};
constexpr Statement update_totp_step{
    "totp_save_step",
    "UPDATE user_totp_secrets SET last_step = $2 WHERE user_id = $1 AND last_step < $2"};
constexpr Statement delete_totp_secret{"totp_remove",
                                       "DELETE FROM user_totp_secrets WHERE user_id = $1"};

constexpr char passkey_columns[] =
    "id, user_id, name, credential_id, relying_party, algorithm, public_key, sign_count, "
    "created_at, last_used_at";
constexpr Statement insert_passkey_row{
    "passkey_insert",
    "INSERT INTO user_passkeys (id, user_id, name, credential_id, relying_party, algorithm, "
    "public_key, sign_count, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) "
    "ON CONFLICT (credential_id) DO NOTHING"};
constexpr auto select_passkey_sql =
    sql_text("SELECT ", passkey_columns, " FROM user_passkeys WHERE credential_id = $1");
constexpr Statement select_passkey{"passkey_find", select_passkey_sql.data()};
constexpr auto select_passkeys_sql = sql_text(
    "SELECT ", passkey_columns, " FROM user_passkeys WHERE user_id = $1 ORDER BY created_at, id");
constexpr Statement select_passkeys{"passkey_list", select_passkeys_sql.data()};
constexpr Statement update_passkey_use{
    "passkey_save_use",
    "UPDATE user_passkeys SET sign_count = $2, last_used_at = $3 WHERE id = $1"};
constexpr Statement delete_passkey{"passkey_remove", "DELETE FROM user_passkeys WHERE id = $1"};
constexpr Statement delete_passkeys{"passkey_remove_all",
                                    "DELETE FROM user_passkeys WHERE user_id = $1"};

constexpr Statement insert_recovery_code{
    "recovery_code_insert", "INSERT INTO user_recovery_codes (user_id, code_hash) VALUES ($1, $2)"};
constexpr Statement delete_recovery_code{
    "recovery_code_spend", "DELETE FROM user_recovery_codes WHERE user_id = $1 AND code_hash = $2"};
constexpr Statement delete_recovery_codes{"recovery_code_remove_all",
                                          "DELETE FROM user_recovery_codes WHERE user_id = $1"};

constexpr Statement select_wrong_codes{
    "wrong_codes_find", "SELECT count, since FROM user_wrong_codes WHERE user_id = $1"};
constexpr Statement upsert_wrong_codes{
    "wrong_codes_save",
    "INSERT INTO user_wrong_codes (user_id, count, since) VALUES ($1, $2, $3) "
    "ON CONFLICT (user_id) DO UPDATE SET count = excluded.count, since = excluded.since"};
constexpr Statement delete_wrong_codes{"wrong_codes_remove",
                                       "DELETE FROM user_wrong_codes WHERE user_id = $1"};

constexpr Statement insert_challenge{
    "passkey_challenge_spend",
    "INSERT INTO spent_passkey_challenges (challenge_hash, expires_at) VALUES ($1, $2) "
    "ON CONFLICT DO NOTHING"};
constexpr Statement delete_challenges{
    "passkey_challenge_delete_expired",
    "DELETE FROM spent_passkey_challenges WHERE challenge_hash IN (SELECT challenge_hash "
    "FROM spent_passkey_challenges WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)"};

constexpr Statement select_policy{
    "sign_in_policy_find",
    "SELECT EXISTS (SELECT 1 FROM sign_in_policy WHERE admins_need_second_factor)"};
constexpr Statement upsert_policy{
    "sign_in_policy_save",
    "INSERT INTO sign_in_policy (admins_need_second_factor) VALUES ($1) "
    "ON CONFLICT (is_only) DO UPDATE SET admins_need_second_factor = $1"};

core::Passkey passkey_from(const Row& row) {
    return {.id = row.get<core::PasskeyId>(0),
            .user = row.get<core::UserId>(1),
            .name = row.get<std::string>(2),
            .credential_id = row.bytes(3),
            .relying_party = row.get<std::string>(4),
            .key = {.algorithm = static_cast<core::PasskeyAlgorithm>(row.get<int>(5)),
                    .public_key = row.bytes(6)},
            .sign_count = row.get<std::uint32_t>(7),
            .created_at = row.timestamp(8),
            .last_used_at = row.optional<core::Timestamp>(9)};
}

}  // namespace

Result<core::SecondFactors> PgSecondFactorStore::find(core::UserId user) {
    const auto rows = TRY(transaction_.query(select_factors, Parameters::of(user)));
    if (rows.empty()) return core::SecondFactors();
    const auto row = rows.front();
    core::SecondFactors factors{.passkeys = row.get<int>(3), .recovery_codes = row.get<int>(4)};
    if (!row.is_null(0)) {
        factors.totp = core::Totp{.sealed_secret = row.get<std::string>(0),
                                  .last_step = row.integer(1),
                                  .created_at = row.timestamp(2)};
    }
    return factors;
}

Result<> PgSecondFactorStore::remove_all(core::UserId user) {
    for (const auto* statement :
         {&delete_totp_secret, &delete_passkeys, &delete_recovery_codes, &delete_wrong_codes}) {
        transaction_.defer(*statement, Parameters::of(user), Expect::any);
    }
    return {};
}

Result<> PgSecondFactorStore::insert_totp(core::UserId user, const core::Totp& totp) {
    transaction_.defer(insert_totp_secret,
                       Parameters::of(user, totp.sealed_secret, totp.last_step, totp.created_at));
    return {};
}

Result<> PgSecondFactorStore::save_totp_step(core::UserId user, std::int64_t step) {
    transaction_.defer(update_totp_step, Parameters::of(user, step), Expect::one);
    return {};
}

Result<> PgSecondFactorStore::remove_totp(core::UserId user) {
    transaction_.defer(delete_totp_secret, Parameters::of(user), Expect::one);
    return {};
}

Result<> PgSecondFactorStore::insert_passkey(const core::Passkey& passkey) {
    const auto rows = TRY(transaction_.query(
        insert_passkey_row,
        Parameters::of(passkey.id, passkey.user, passkey.name, Bytes{passkey.credential_id},
                       passkey.relying_party, static_cast<int>(passkey.key.algorithm),
                       Bytes{passkey.key.public_key}, passkey.sign_count, passkey.created_at)));
    if (rows.affected() == 1) return {};
    return Error{.code = ErrorCode::already_exists, .message = "this passkey is known already"};
}

Result<std::optional<core::Passkey>> PgSecondFactorStore::find_passkey(
    std::string_view credential_id) {
    const auto rows = TRY(transaction_.query(select_passkey, Parameters::of(Bytes{credential_id})));
    if (rows.empty()) return std::optional<core::Passkey>();
    return std::optional(passkey_from(rows.front()));
}

Result<std::vector<core::Passkey>> PgSecondFactorStore::passkeys_of(core::UserId user) {
    return TRY(transaction_.query(select_passkeys, Parameters::of(user))).mapped(passkey_from);
}

Result<> PgSecondFactorStore::save_passkey_use(core::PasskeyId id, std::uint32_t sign_count,
                                               core::Timestamp at) {
    transaction_.defer(update_passkey_use, Parameters::of(id, sign_count, at), Expect::one);
    return {};
}

Result<> PgSecondFactorStore::remove_passkey(core::PasskeyId id) {
    transaction_.defer(delete_passkey, Parameters::of(id), Expect::one);
    return {};
}

Result<> PgSecondFactorStore::replace_recovery_codes(core::UserId user,
                                                     const std::vector<core::Digest>& hashes) {
    transaction_.defer(delete_recovery_codes, Parameters::of(user), Expect::any);
    for (const auto& hash : hashes) {
        transaction_.defer(insert_recovery_code, Parameters::of(user, bytes_of(hash)));
    }
    return {};
}

Result<bool> PgSecondFactorStore::spend_recovery_code(core::UserId user, const core::Digest& hash) {
    const auto rows =
        TRY(transaction_.query(delete_recovery_code, Parameters::of(user, bytes_of(hash))));
    return rows.affected() == 1;
}

Result<std::optional<core::WrongCodes>> PgSecondFactorStore::wrong_codes_of(core::UserId user) {
    const auto rows = TRY(transaction_.query(select_wrong_codes, Parameters::of(user)));
    if (rows.empty()) return std::optional<core::WrongCodes>();
    const auto row = rows.front();
    return std::optional(core::WrongCodes{.count = row.get<int>(0), .since = row.timestamp(1)});
}

Result<> PgSecondFactorStore::save_wrong_codes(core::UserId user, const core::WrongCodes& wrong) {
    transaction_.defer(upsert_wrong_codes, Parameters::of(user, wrong.count, wrong.since));
    return {};
}

Result<> PgSecondFactorStore::forget_wrong_codes(core::UserId user) {
    transaction_.defer(delete_wrong_codes, Parameters::of(user), Expect::any);
    return {};
}

Result<bool> PgSecondFactorStore::spend_challenge(const core::Digest& hash,
                                                  core::Timestamp expires_at) {
    const auto rows =
        TRY(transaction_.query(insert_challenge, Parameters::of(bytes_of(hash), expires_at)));
    return rows.affected() == 1;
}

Result<int> PgSecondFactorStore::remove_expired_challenges(core::Timestamp before, int limit) {
    const auto rows = TRY(transaction_.query(delete_challenges, Parameters::of(before, limit)));
    return static_cast<int>(rows.affected());
}

Result<bool> PgSecondFactorStore::is_required_of_admins() {
    return TRY(transaction_.query(select_policy)).front().boolean(0);
}

Result<> PgSecondFactorStore::require_of_admins(bool is_required) {
    transaction_.defer(upsert_policy, Parameters::of(is_required), Expect::one);
    return {};
}

}  // namespace rb::store_pg
