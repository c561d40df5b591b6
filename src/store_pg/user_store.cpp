#include "store_pg/user_store.hpp"

#include "store_pg/sql_text.hpp"

namespace rb::store_pg {

namespace {

constexpr char columns[] =
    "id, username, email, display_name, password_hash, user_type, role, is_active, "
    "credentials_changed_at, created_at, updated_at";

constexpr auto insert_user_sql = sql_text(
    "INSERT INTO users (", columns, ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)");
constexpr Statement insert_user{"user_insert", insert_user_sql.data()};
constexpr Statement insert_membership{
    "membership_insert", "INSERT INTO memberships (user_id, customer_id) VALUES ($1, $2)"};
constexpr auto select_user_sql = sql_text("SELECT ", columns, " FROM users WHERE id = $1");
constexpr Statement select_user{"user_find", select_user_sql.data()};
// NO KEY: rows that refer to the user may still be inserted by others.
constexpr auto lock_user_sql =
    sql_text("SELECT ", columns, " FROM users WHERE id = $1 FOR NO KEY UPDATE");
constexpr Statement lock_user{"user_lock", lock_user_sql.data()};
constexpr auto select_by_username_sql = sql_text(
    "SELECT ", columns, " FROM users WHERE user_type = $1 AND lower(username) = lower($2)");
constexpr Statement select_by_username{"user_find_by_username", select_by_username_sql.data()};
constexpr auto select_by_email_sql =
    sql_text("SELECT ", columns,
             " FROM users WHERE user_type = $1 AND lower(email) = lower($2) "
             "AND email <> ''");
constexpr Statement select_by_email{"user_find_by_email", select_by_email_sql.data()};
constexpr Statement select_first_customer{
    "user_first_customer",
    "SELECT m.customer_id FROM memberships m JOIN customers c ON c.id = m.customer_id "
    "WHERE m.user_id = $1 AND c.is_active ORDER BY m.created_at, m.customer_id LIMIT 1"};
constexpr Statement update_password{
    "user_save_password",
    "UPDATE users SET password_hash = $2, credentials_changed_at = $3, updated_at = $3 "
    "WHERE id = $1"};
constexpr Statement select_any{"user_has_any",
                               "SELECT EXISTS (SELECT 1 FROM users WHERE user_type = $1)"};
constexpr auto select_page_sql =
    sql_text("SELECT ", columns,
             ", count(*) OVER () FROM users WHERE ($1::text IS NULL OR user_type = $1) "
             "ORDER BY created_at, id LIMIT $2 OFFSET $3");
constexpr Statement select_page{"user_list", select_page_sql.data()};
constexpr Statement count_all{
    "user_count", "SELECT count(*) FROM users WHERE ($1::text IS NULL OR user_type = $1)"};
constexpr Statement select_emails{
    "user_emails_of_customer",
    "SELECT u.email FROM memberships m JOIN users u ON u.id = m.user_id "
    "WHERE m.customer_id = $1 AND u.is_active AND u.email <> '' ORDER BY m.created_at, u.id"};

core::User user_from(const Row& row) {
    return {.id = row.get<core::UserId>(0),
            .username = row.get<std::string>(1),
            .email = row.get<std::string>(2),
            .display_name = row.get<std::string>(3),
            .password_hash = row.get<std::string>(4),
            .type = row.get<core::UserType>(5),
            .role = row.get<std::string>(6),
            .is_active = row.boolean(7),
            .credentials_changed_at = row.timestamp(8),
            .created_at = row.timestamp(9),
            .updated_at = row.timestamp(10)};
}

std::optional<core::User> first_user(const Rows& rows) {
    if (rows.empty()) return std::nullopt;
    return user_from(rows.front());
}

}  // namespace

// At once, so that who inserts hears of a taken name before he does more.
Result<> PgUserStore::insert(const core::User& user) {
    TRY(transaction_.query(
        insert_user,
        Parameters::of(user.id, user.username, user.email, user.display_name, user.password_hash,
                       user.type, user.role, user.is_active, user.credentials_changed_at,
                       user.created_at, user.updated_at)));
    return {};
}

Result<> PgUserStore::add_membership(core::UserId user, core::CustomerId customer) {
    transaction_.defer(insert_membership, Parameters::of(user, customer));
    return {};
}

Result<std::optional<core::User>> PgUserStore::find(core::UserId id) {
    return first_user(TRY(transaction_.query(select_user, Parameters::of(id))));
}

Result<std::optional<core::User>> PgUserStore::find_for_update(core::UserId id) {
    return first_user(TRY(transaction_.query(lock_user, Parameters::of(id))));
}

Result<std::optional<core::User>> PgUserStore::find_by_username(core::UserType type,
                                                                std::string_view name) {
    return first_user(TRY(transaction_.query(select_by_username, Parameters::of(type, name))));
}

Result<std::optional<core::User>> PgUserStore::find_by_email(core::UserType type,
                                                             std::string_view email) {
    return first_user(TRY(transaction_.query(select_by_email, Parameters::of(type, email))));
}

Result<std::optional<core::CustomerId>> PgUserStore::first_customer_of(core::UserId id) {
    const auto rows = TRY(transaction_.query(select_first_customer, Parameters::of(id)));
    if (rows.empty()) return std::optional<core::CustomerId>();
    return std::optional(rows.front().get<core::CustomerId>(0));
}

Result<> PgUserStore::save_password(core::UserId id, std::string_view password_hash,
                                    core::Timestamp at) {
    transaction_.defer(update_password, Parameters::of(id, password_hash, at));
    return {};
}

Result<bool> PgUserStore::has_any(core::UserType type) {
    return TRY(transaction_.query(select_any, Parameters::of(type))).front().boolean(0);
}

Result<core::Page<core::User>> PgUserStore::list(const core::UserFilter& filter,
                                                 core::PageRequest page) {
    const auto rows = TRY(transaction_.query(
        select_page, Parameters::of(filter.type, page.page_size, page.offset())));
    core::Page<core::User> users{.items = rows.mapped(user_from)};
    if (!rows.empty()) {
        users.total = rows.front().get<std::uint64_t>(11);
    } else if (page.page > 1) {
        users.total = TRY(transaction_.query(count_all, Parameters::of(filter.type)))
                          .front()
                          .get<std::uint64_t>(0);
    }
    return users;
}

Result<std::vector<std::string>> PgUserStore::emails_of_customer(core::CustomerId customer) {
    const auto rows = TRY(transaction_.query(select_emails, Parameters::of(customer)));
    return rows.mapped([](const Row& row) { return row.get<std::string>(0); });
}

}  // namespace rb::store_pg
