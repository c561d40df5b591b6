#include "store_pg/product_store.hpp"

#include "store_pg/catalogue_store.hpp"
#include "store_pg/json_text.hpp"
#include "store_pg/like_pattern.hpp"
#include "store_pg/sql_text.hpp"

#include <algorithm>

namespace rb::store_pg {

namespace {

constexpr char columns[] =
    "p.id, p.group_id, p.provider_id, p.name, p.description, p.price, p.cost_price, p.currency, "
    "p.active, p.stock, "
    "(SELECT count(*) FROM stock_reservations r WHERE r.product_id = p.id AND r.released_at IS "
    "NULL), p.sort_order, p.created_at, p.updated_at, "
    "p.specs, p.billing_cycles, p.upstream_product_id, p.cost_currency, p.cost_cycles";
// What follows the columns stands here.
constexpr int columns_count = 19;
constexpr char matches[] =
    " WHERE ($1::boolean IS NULL OR p.active = $1) AND ($2::uuid IS NULL OR p.group_id = $2) "
    "AND ($3::text IS NULL OR p.provider_id = $3) "
    "AND ($4::text IS NULL OR p.specs ->> 'region' = $4) "
    "AND ($5::text IS NULL OR p.name ILIKE $5 OR p.description ILIKE $5)";

constexpr Statement insert_product{
    "product_insert",
    "INSERT INTO products (id, group_id, provider_id, name, description, price, cost_price, "
    "currency, specs, billing_cycles, active, stock, sort_order, created_at, updated_at, "
    "upstream_product_id, cost_currency, cost_cycles) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)"};
constexpr Statement update_product{
    "product_save",
    "UPDATE products SET group_id = $2, provider_id = $3, name = $4, description = $5, price = $6, "
    "cost_price = $7, specs = $8, billing_cycles = $9, active = $10, stock = $11, "
    "sort_order = $12, updated_at = $13, upstream_product_id = $14, cost_currency = $15, "
    "cost_cycles = $16 WHERE id = $1"};
constexpr auto select_product_sql =
    sql_text("SELECT ", columns, " FROM products p WHERE p.id = $1");
constexpr Statement select_product{"product_find", select_product_sql.data()};
constexpr auto select_offer_sql =
    sql_text("SELECT ", columns,
             ", i.id, i.plugin_type, i.enabled, i.fingerprint FROM products p "
             "LEFT JOIN plugin_interfaces i ON i.id = p.provider_id WHERE p.id = $1");
constexpr Statement select_offer{"product_find_offer", select_offer_sql.data()};
// The lock in a statement of its own: the count must be of what is reserved once the lock is held,
// not of when the statement began to wait for it.
constexpr Statement lock_product{"product_lock",
                                 "SELECT 1 FROM products WHERE id = $1 FOR NO KEY UPDATE"};
constexpr Statement find_imported{
    "product_find_imported",
    "SELECT id FROM products WHERE provider_id = $1 AND upstream_product_id = $2"};
constexpr auto select_imported_sql =
    sql_text("SELECT ", columns,
             " FROM products p WHERE p.provider_id = $1 AND p.upstream_product_id IS NOT NULL "
             "ORDER BY p.id");
constexpr Statement select_imported{"product_list_imported", select_imported_sql.data()};
constexpr auto select_page_sql =
    sql_text("SELECT ", columns, " FROM products p", matches,
             " ORDER BY p.sort_order, p.name, p.id LIMIT $6 OFFSET $7");
constexpr Statement select_page{"product_list", select_page_sql.data()};
constexpr auto count_sql = sql_text("SELECT count(*) FROM products p", matches);
constexpr Statement count_matches{"product_count", count_sql.data()};
constexpr Statement delete_product{"product_delete", "DELETE FROM products WHERE id = $1"};

constexpr char no_group[] = "there is no such product group";

std::map<core::BillingCycle, core::Money> cycles_from(std::string_view json,
                                                      core::Currency currency) {
    std::map<core::BillingCycle, core::Money> cycles;
    for (const auto& [name, text] : string_map_of(json)) {
        const auto cycle = core::find_enum<core::BillingCycle>(name);
        const auto amount = core::Money::parse(text, currency, "billing_cycles");
        ASSERT(cycle && amount.has_value());
        cycles.emplace(*cycle, *amount);
    }
    return cycles;
}

core::Product product_from(const Row& row) {
    const auto currency = row.currency(7);
    core::Product product{.id = row.get<core::ProductId>(0),
                          .group = row.optional<core::GroupId>(1),
                          .provider_id = row.get<std::string>(2),
                          .name = row.get<std::string>(3),
                          .description = row.get<std::string>(4),
                          .price = row.money(5, currency),
                          .active = row.boolean(8),
                          .stock = row.optional<std::int64_t>(9),
                          .sort_order = row.get<std::uint32_t>(11),
                          .created_at = row.timestamp(12),
                          .updated_at = row.timestamp(13)};
    if (!row.is_null(16)) product.upstream_product_id = row.get<std::string>(16);
    if (!row.is_null(6)) {
        const auto cost_currency = row.currency(17);
        product.cost_price = row.money(6, cost_currency);
        product.cost_cycles = cycles_from(row.text(18), cost_currency);
    }
    // A stock that was lowered below what is held already leaves nothing, not less.
    if (product.stock) {
        product.available = std::max<std::int64_t>(0, *product.stock - row.integer(10));
    }
    product.specs = string_map_of(row.text(14));
    product.billing_cycles = cycles_from(row.text(15), currency);
    return product;
}

std::optional<core::ProductOffer> offer_from(const Rows& rows) {
    if (rows.empty()) return std::nullopt;
    const auto row = rows.front();
    core::ProductOffer offer{.product = product_from(row), .provider = {}};
    if (!row.is_null(columns_count)) {
        offer.provider =
            core::InterfaceVersion{.id = row.get<std::string>(columns_count),
                                   .type = row.get<core::PluginType>(columns_count + 1),
                                   .enabled = row.boolean(columns_count + 2),
                                   .fingerprint = row.get<std::string>(columns_count + 3)};
    }
    return offer;
}

core::StringMap texts_of(const std::map<core::BillingCycle, core::Money>& cycles) {
    core::StringMap texts;
    for (const auto& [cycle, price] : cycles)
        texts.emplace(core::name_of(cycle), price.to_string());
    return texts;
}

std::optional<std::string> upstream_id(const core::Product& product) {
    if (product.upstream_product_id.empty()) return std::nullopt;
    return product.upstream_product_id;
}

std::optional<core::Currency> cost_currency(const core::Product& product) {
    if (!product.cost_price) return std::nullopt;
    return product.cost_price->currency();
}

}  // namespace

Result<> PgProductStore::insert(const core::Product& product) {
    return reworded(
        transaction_.query(
            insert_product,
            Parameters::of(
                product.id, product.group, product.provider_id, product.name, product.description,
                product.price, product.cost_price, product.price.currency(), to_json(product.specs),
                to_json(texts_of(product.billing_cycles)), product.active, product.stock,
                product.sort_order, product.created_at, product.updated_at, upstream_id(product),
                cost_currency(product), to_json(texts_of(product.cost_cycles)))),
        "group_id", no_group);
}

Result<> PgProductStore::save(const core::Product& product) {
    return reworded(
        transaction_.query(
            update_product,
            Parameters::of(product.id, product.group, product.provider_id, product.name,
                           product.description, product.price, product.cost_price,
                           to_json(product.specs), to_json(texts_of(product.billing_cycles)),
                           product.active, product.stock, product.sort_order, product.updated_at,
                           upstream_id(product), cost_currency(product),
                           to_json(texts_of(product.cost_cycles)))),
        "group_id", no_group);
}

Result<std::optional<core::Product>> PgProductStore::find(core::ProductId id) {
    const auto rows = TRY(transaction_.query(select_product, Parameters::of(id)));
    if (rows.empty()) return std::optional<core::Product>();
    return std::optional(product_from(rows.front()));
}

core::Later<std::optional<core::ProductOffer>> PgProductStore::find_offer_later(
    core::ProductId id) {
    return transaction_.query_later<std::optional<core::ProductOffer>>(
        select_offer, Parameters::of(id), offer_from);
}

Result<std::optional<core::Product>> PgProductStore::find_for_update(core::ProductId id) {
    transaction_.defer(lock_product, Parameters::of(id), Expect::any);
    return find(id);
}

Result<std::optional<core::Product>> PgProductStore::find_imported_for_update(
    std::string_view provider_id, std::string_view upstream_product_id) {
    const auto rows =
        TRY(transaction_.query(find_imported, Parameters::of(provider_id, upstream_product_id)));
    if (rows.empty()) return std::optional<core::Product>();
    return find_for_update(rows.front().get<core::ProductId>(0));
}

Result<std::vector<core::Product>> PgProductStore::list_imported(std::string_view provider_id) {
    const auto rows = TRY(transaction_.query(select_imported, Parameters::of(provider_id)));
    return rows.mapped(product_from);
}

Result<core::Page<core::Product>> PgProductStore::list(const core::ProductFilter& filter,
                                                       core::PageRequest page) {
    std::optional<std::string> pattern;
    if (filter.search) pattern = like_pattern(*filter.search);
    const auto total = TRY(transaction_.query(
        count_matches,
        Parameters::of(filter.active, filter.group, filter.provider_id, filter.region, pattern)));
    const auto rows = TRY(transaction_.query(
        select_page, Parameters::of(filter.active, filter.group, filter.provider_id, filter.region,
                                    pattern, page.page_size, page.offset())));
    return core::Page<core::Product>{.items = rows.mapped(product_from),
                                     .total = total.front().get<std::uint64_t>(0)};
}

Result<> PgProductStore::remove(core::ProductId id) {
    return reworded(transaction_.query(delete_product, Parameters::of(id)), "id",
                    "orders refer to this product; deactivate it instead");
}

}  // namespace rb::store_pg
