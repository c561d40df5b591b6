#include "store_pg/operation_log_store.hpp"

#include "store_pg/sql_text.hpp"

namespace rb::store_pg {

namespace {

// `changes` is {"field": {"before": …, "after": …}, …}.
constexpr Statement insert_operation{
    "operation_log_append",
    "INSERT INTO operation_logs (id, user_id, actor_kind, customer_id, action, object_type, "
    "object_id, request_id, ip, created_at, changes) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, "
    "(SELECT coalesce(jsonb_object_agg(field, jsonb_build_object('before', before, 'after', "
    "after)), "
    "'{}') FROM unnest($11::text[], $12::text[], $13::text[]) AS change (field, before, after)))"};
constexpr char matches[] =
    " FROM operation_logs WHERE ($1::text IS NULL OR object_type = $1) "
    "AND ($2::text IS NULL OR object_id = $2)";
constexpr auto select_page_sql = sql_text(
    "SELECT id, user_id, actor_kind, customer_id, action, object_type, object_id, request_id, ip, "
    "created_at, ARRAY(SELECT key FROM jsonb_each(changes) ORDER BY key), "
    "ARRAY(SELECT coalesce(value ->> 'before', '') FROM jsonb_each(changes) ORDER BY key), "
    "ARRAY(SELECT coalesce(value ->> 'after', '') FROM jsonb_each(changes) ORDER BY key)",
    matches, " ORDER BY created_at DESC, id DESC LIMIT $3 OFFSET $4");
constexpr Statement select_page{"operation_log_list", select_page_sql.data()};
constexpr auto count_sql = sql_text("SELECT count(*)", matches);
constexpr Statement count_matches{"operation_log_count", count_sql.data()};

core::Operation operation_from(const Row& row) {
    core::Operation operation{.id = row.get<core::OperationId>(0),
                              .by = {.kind = row.get<std::string>(2),
                                     .user = row.optional<core::UserId>(1),
                                     .request_id = row.get<std::string>(7),
                                     .ip = row.get<std::string>(8)},
                              .customer = row.optional<core::CustomerId>(3),
                              .action = row.get<std::string>(4),
                              .object_type = row.get<std::string>(5),
                              .object_id = row.get<std::string>(6),
                              .at = row.timestamp(9)};
    const auto fields = row.texts(10);
    const auto before = row.texts(11);
    const auto after = row.texts(12);
    for (std::size_t i = 0; i < fields.size(); ++i) {
        operation.changes.emplace(fields[i], core::Change{.before = before[i], .after = after[i]});
    }
    return operation;
}

}  // namespace

Result<> PgOperationLogStore::append(const core::Operation& operation) {
    std::vector<std::string> fields;
    std::vector<std::string> before;
    std::vector<std::string> after;
    for (const auto& [field, change] : operation.changes) {
        fields.push_back(field);
        before.push_back(change.before);
        after.push_back(change.after);
    }
    transaction_.defer(insert_operation,
                       Parameters::of(operation.id, operation.by.user, operation.by.kind,
                                      operation.customer, operation.action, operation.object_type,
                                      operation.object_id, operation.by.request_id, operation.by.ip,
                                      operation.at, fields, before, after));
    return {};
}

Result<core::Page<core::Operation>> PgOperationLogStore::list(const core::OperationFilter& filter,
                                                              core::PageRequest page) {
    const auto total = TRY(
        transaction_.query(count_matches, Parameters::of(filter.object_type, filter.object_id)));
    const auto rows =
        TRY(transaction_.query(select_page, Parameters::of(filter.object_type, filter.object_id,
                                                           page.page_size, page.offset())));
    return core::Page<core::Operation>{.items = rows.mapped(operation_from),
                                       .total = total.front().get<std::uint64_t>(0)};
}

}  // namespace rb::store_pg
