#include "store_pg/catalogue_store.hpp"

#include "store_pg/sql_text.hpp"

namespace rb::store_pg {

namespace {

constexpr char category_columns[] =
    "c.id, c.name, c.description, c.sort_order, c.created_at, c.updated_at, "
    "(SELECT count(*) FROM product_groups g WHERE g.category_id = c.id) "
    "FROM product_categories c";
constexpr Statement insert_category{
    "category_insert",
    "INSERT INTO product_categories (id, name, description, sort_order, created_at, updated_at) "
    "VALUES ($1, $2, $3, $4, $5, $6)"};
constexpr Statement update_category{
    "category_save",
    "UPDATE product_categories SET name = $2, description = $3, sort_order = $4, updated_at = $5 "
    "WHERE id = $1"};
constexpr auto select_category_sql = sql_text("SELECT ", category_columns, " WHERE c.id = $1");
constexpr Statement select_category{"category_find", select_category_sql.data()};
constexpr auto select_categories_sql = sql_text(
    "SELECT ", category_columns, " ORDER BY c.sort_order, c.name, c.id LIMIT $1 OFFSET $2");
constexpr Statement select_categories{"category_list", select_categories_sql.data()};
constexpr Statement count_categories{"category_count", "SELECT count(*) FROM product_categories"};
constexpr Statement delete_category{"category_delete",
                                    "DELETE FROM product_categories WHERE id = $1"};

// $1: whether only active products count.
constexpr char group_columns[] =
    "g.id, g.category_id, g.name, g.description, g.sort_order, g.created_at, g.updated_at, "
    "(SELECT count(*) FROM products p WHERE p.group_id = g.id AND (p.active OR NOT $1)) "
    "FROM product_groups g";
constexpr Statement insert_group{
    "group_insert",
    "INSERT INTO product_groups (id, category_id, name, description, sort_order, created_at, "
    "updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7)"};
constexpr Statement update_group{
    "group_save",
    "UPDATE product_groups SET category_id = $2, name = $3, description = $4, sort_order = $5, "
    "updated_at = $6 WHERE id = $1"};
constexpr auto select_group_sql = sql_text("SELECT ", group_columns, " WHERE g.id = $2");
constexpr Statement select_group{"group_find", select_group_sql.data()};
constexpr auto select_groups_sql =
    sql_text("SELECT ", group_columns,
             " WHERE ($2::uuid IS NULL OR g.category_id = $2) "
             "ORDER BY g.sort_order, g.name, g.id LIMIT $3 OFFSET $4");
constexpr Statement select_groups{"group_list", select_groups_sql.data()};
constexpr Statement count_groups{
    "group_count",
    "SELECT count(*) FROM product_groups WHERE ($1::uuid IS NULL OR category_id = $1)"};
constexpr Statement delete_group{"group_delete", "DELETE FROM product_groups WHERE id = $1"};

constexpr char no_category[] = "there is no such category";

core::Category category_from(const Row& row) {
    return {.id = row.get<core::CategoryId>(0),
            .name = row.get<std::string>(1),
            .description = row.get<std::string>(2),
            .sort_order = row.get<std::int32_t>(3),
            .created_at = row.timestamp(4),
            .updated_at = row.timestamp(5),
            .group_count = row.get<std::uint32_t>(6)};
}

core::Group group_from(const Row& row) {
    return {.id = row.get<core::GroupId>(0),
            .category = row.optional<core::CategoryId>(1),
            .name = row.get<std::string>(2),
            .description = row.get<std::string>(3),
            .sort_order = row.get<std::uint32_t>(4),
            .created_at = row.timestamp(5),
            .updated_at = row.timestamp(6),
            .product_count = row.get<std::uint32_t>(7)};
}

}  // namespace

Result<> reworded(Result<Rows> outcome, std::string field, std::string message) {
    if (outcome.has_value()) return {};
    auto error = std::move(outcome).error();
    if (error.code != ErrorCode::failed_precondition) return error;
    return Error{.code = error.code,
                 .message = field + ": " + std::move(message),
                 .field = std::move(field),
                 .detail = std::move(error.detail)};
}

Result<> PgCategoryStore::insert(const core::Category& category) {
    TRY(transaction_.query(
        insert_category,
        Parameters::of(category.id, category.name, category.description, category.sort_order,
                       category.created_at, category.updated_at)));
    return {};
}

Result<> PgCategoryStore::save(const core::Category& category) {
    TRY(transaction_.query(update_category,
                           Parameters::of(category.id, category.name, category.description,
                                          category.sort_order, category.updated_at)));
    return {};
}

Result<std::optional<core::Category>> PgCategoryStore::find(core::CategoryId id) {
    const auto rows = TRY(transaction_.query(select_category, Parameters::of(id)));
    if (rows.empty()) return std::optional<core::Category>();
    return std::optional(category_from(rows.front()));
}

Result<core::Page<core::Category>> PgCategoryStore::list(core::PageRequest page) {
    const auto total = TRY(transaction_.query(count_categories));
    const auto rows =
        TRY(transaction_.query(select_categories, Parameters::of(page.page_size, page.offset())));
    return core::Page<core::Category>{.items = rows.mapped(category_from),
                                      .total = total.front().get<std::uint64_t>(0)};
}

Result<> PgCategoryStore::remove(core::CategoryId id) {
    return reworded(transaction_.query(delete_category, Parameters::of(id)), "id",
                    "groups stand in this category; move or delete them first");
}

Result<> PgGroupStore::insert(const core::Group& group) {
    return reworded(
        transaction_.query(insert_group,
                           Parameters::of(group.id, group.category, group.name, group.description,
                                          group.sort_order, group.created_at, group.updated_at)),
        "category_id", no_category);
}

Result<> PgGroupStore::save(const core::Group& group) {
    return reworded(
        transaction_.query(update_group,
                           Parameters::of(group.id, group.category, group.name, group.description,
                                          group.sort_order, group.updated_at)),
        "category_id", no_category);
}

Result<std::optional<core::Group>> PgGroupStore::find(core::GroupId id,
                                                      core::GroupCounting counting) {
    const auto rows =
        TRY(transaction_.query(select_group, Parameters::of(counting.active_products_only, id)));
    if (rows.empty()) return std::optional<core::Group>();
    return std::optional(group_from(rows.front()));
}

Result<core::Page<core::Group>> PgGroupStore::list(const core::GroupFilter& filter,
                                                   core::PageRequest page) {
    const auto total = TRY(transaction_.query(count_groups, Parameters::of(filter.category)));
    const auto rows = TRY(transaction_.query(
        select_groups, Parameters::of(filter.active_products_only, filter.category, page.page_size,
                                      page.offset())));
    return core::Page<core::Group>{.items = rows.mapped(group_from),
                                   .total = total.front().get<std::uint64_t>(0)};
}

Result<> PgGroupStore::remove(core::GroupId id) {
    return reworded(transaction_.query(delete_group, Parameters::of(id)), "id",
                    "products stand in this group; move or delete them first");
}

}  // namespace rb::store_pg
