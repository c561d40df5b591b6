#include "store_pg/customer_store.hpp"

#include "store_pg/like_pattern.hpp"
#include "store_pg/sql_text.hpp"

namespace rb::store_pg {

namespace {

constexpr char columns[] =
    "id, name, contact, email, phone, currency, balance, credit_limit, can_create_api_keys, "
    "is_active, created_at, updated_at";
constexpr char matches[] =
    " FROM customers WHERE ($1::text IS NULL OR name ILIKE $1 OR contact ILIKE $1 OR email ILIKE "
    "$1 OR phone ILIKE $1)";

constexpr Statement insert_customer{
    "customer_insert",
    "INSERT INTO customers (id, name, contact, email, phone, currency, credit_limit, "
    "can_create_api_keys, is_active, created_at, updated_at) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"};
constexpr auto select_customer_sql = sql_text("SELECT ", columns, " FROM customers WHERE id = $1");
constexpr Statement select_customer{"customer_find", select_customer_sql.data()};
constexpr auto lock_customer_sql =
    sql_text("SELECT ", columns, " FROM customers WHERE id = $1 FOR NO KEY UPDATE");
constexpr Statement lock_customer{"customer_lock", lock_customer_sql.data()};
constexpr Statement update_customer{
    "customer_save",
    "UPDATE customers SET name = $2, contact = $3, email = $4, phone = $5, credit_limit = $6, "
    "can_create_api_keys = $7, is_active = $8, updated_at = $9 WHERE id = $1"};
constexpr auto select_page_sql =
    sql_text("SELECT ", columns, matches, " ORDER BY created_at DESC, id DESC LIMIT $2 OFFSET $3");
constexpr Statement select_page{"customer_list", select_page_sql.data()};
constexpr auto count_sql = sql_text("SELECT count(*)", matches);
constexpr Statement count_matches{"customer_count", count_sql.data()};

core::Customer customer_from(const Row& row) {
    const auto currency = row.currency(5);
    return {.id = row.get<core::CustomerId>(0),
            .name = row.get<std::string>(1),
            .contact = row.get<std::string>(2),
            .email = row.get<std::string>(3),
            .phone = row.get<std::string>(4),
            .currency = currency,
            .balance = row.money(6, currency),
            .credit_limit = row.money(7, currency),
            .can_create_api_keys = row.boolean(8),
            .is_active = row.boolean(9),
            .created_at = row.timestamp(10),
            .updated_at = row.timestamp(11)};
}

std::optional<core::Customer> first_customer(const Rows& rows) {
    if (rows.empty()) return std::nullopt;
    return customer_from(rows.front());
}

}  // namespace

Result<> PgCustomerStore::insert(const core::Customer& customer) {
    transaction_.defer(
        insert_customer,
        Parameters::of(customer.id, customer.name, customer.contact, customer.email, customer.phone,
                       customer.currency, customer.credit_limit, customer.can_create_api_keys,
                       customer.is_active, customer.created_at, customer.updated_at));
    return {};
}

Result<std::optional<core::Customer>> PgCustomerStore::find(core::CustomerId id) {
    return first_customer(TRY(transaction_.query(select_customer, Parameters::of(id))));
}

Result<std::optional<core::Customer>> PgCustomerStore::find_for_update(core::CustomerId id) {
    return first_customer(TRY(transaction_.query(lock_customer, Parameters::of(id))));
}

Result<> PgCustomerStore::save(const core::Customer& customer) {
    auto saved = transaction_.query(
        update_customer,
        Parameters::of(customer.id, customer.name, customer.contact, customer.email, customer.phone,
                       customer.credit_limit, customer.can_create_api_keys, customer.is_active,
                       customer.updated_at));
    if (saved.has_error() && saved.error().code == ErrorCode::insufficient_funds) {
        return Error{.code = ErrorCode::failed_precondition,
                     .message = "credit_limit: the customer owes more than that",
                     .field = "credit_limit"};
    }
    TRY(std::move(saved));
    return {};
}

Result<core::Page<core::Customer>> PgCustomerStore::list(std::string_view search,
                                                         core::PageRequest page) {
    std::optional<std::string> pattern;
    if (!search.empty()) pattern = like_pattern(search);
    const auto total = TRY(transaction_.query(count_matches, Parameters::of(pattern)));
    const auto rows = TRY(
        transaction_.query(select_page, Parameters::of(pattern, page.page_size, page.offset())));
    return core::Page<core::Customer>{.items = rows.mapped(customer_from),
                                      .total = total.front().get<std::uint64_t>(0)};
}

}  // namespace rb::store_pg
