#include "store_pg/instance_store.hpp"

#include "store_pg/json_text.hpp"

namespace rb::store_pg {
namespace {

#define INSTANCE_COLUMNS                                                                         \
    "id, order_id, customer_id, product_id, product_name, provider_id, provider_instance_id, "   \
    "name, server_spec, status, desired_status, generation, status_reason, suspension_cause, "   \
    "ip_address, details, pending_operation, restart_requested, billing_cycle, renewal_amount, " \
    "currency, activated_at, paid_until, auto_renew, next_check_at, created_at, updated_at, "    \
    "terminated_at, provider_message, pending_operation_key, desired_before"

constexpr Statement insert_instance{
    "insert_instance",
    "INSERT INTO instances (id, order_id, customer_id, product_id, product_name, provider_id, "
    "name, "
    "server_spec, status, desired_status, billing_cycle, renewal_amount, currency, auto_renew, "
    "next_check_at, created_at, updated_at) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $16)"};

constexpr Statement update_instance{
    "update_instance",
    "UPDATE instances SET provider_instance_id = $2, name = $3, server_spec = $4, status = $5, "
    "desired_status = $6, generation = $7, status_reason = $8, suspension_cause = $9, "
    "ip_address = $10, details = $11, pending_operation = $12, restart_requested = $13, "
    "renewal_amount = $14, activated_at = $15, paid_until = $16, auto_renew = $17, "
    "next_check_at = $18, updated_at = $19, terminated_at = $20, provider_message = $21, "
    "pending_operation_key = $22, desired_before = $23 WHERE id = $1"};

constexpr Statement select_instance{"select_instance",
                                    "SELECT " INSTANCE_COLUMNS " FROM instances WHERE id = $1"};

constexpr Statement lock_instance{
    "lock_instance", "SELECT " INSTANCE_COLUMNS " FROM instances WHERE id = $1 FOR UPDATE"};

constexpr Statement select_instance_of_order{
    "select_instance_of_order", "SELECT " INSTANCE_COLUMNS " FROM instances WHERE order_id = $1"};

#define INSTANCE_FILTER                                                             \
    "($1::uuid IS NULL OR customer_id = $1) AND ($2::text IS NULL OR status = $2) " \
    "AND ($3::text IS NULL OR provider_id = $3)"

constexpr Statement list_instances{
    "list_instances", "SELECT " INSTANCE_COLUMNS " FROM instances WHERE " INSTANCE_FILTER
                      " ORDER BY created_at DESC, id DESC LIMIT $4 OFFSET $5"};

constexpr Statement count_instances{"count_instances",
                                    "SELECT count(*) FROM instances WHERE " INSTANCE_FILTER};

constexpr Statement take_due_instances{
    "take_due_instances",
    "UPDATE instances SET next_check_at = $2 WHERE id IN ("
    "SELECT id FROM instances WHERE next_check_at <= $1 ORDER BY next_check_at LIMIT $3 "
    "FOR UPDATE SKIP LOCKED) RETURNING id"};

constexpr Statement list_renewing_instances{
    "list_renewing_instances",
    "SELECT id FROM instances i WHERE activated_at IS NOT NULL AND terminated_at IS NULL "
    "AND auto_renew AND billing_cycle <> 'one_time' AND desired_status <> 'terminated' "
    "AND paid_until <= $1 AND id > $2 AND NOT EXISTS (SELECT 1 FROM renewals r "
    "WHERE r.instance_id = i.id AND r.period_start = i.paid_until) ORDER BY id LIMIT $3"};

constexpr Statement select_description{
    "select_description",
    "SELECT detail_sections, detail_sections_at FROM instances WHERE id = $1"};

constexpr Statement update_description{
    "update_description",
    "UPDATE instances SET detail_sections = $2, detail_sections_at = $3 WHERE id = $1"};

core::Instance read_instance(const Row& row) {
    const auto currency = row.currency(20);
    return {.id = row.get<core::InstanceId>(0),
            .order = row.get<core::OrderId>(1),
            .customer = row.get<core::CustomerId>(2),
            .product = row.get<core::ProductId>(3),
            .product_name = row.get<std::string>(4),
            .provider_id = row.get<std::string>(5),
            .provider_instance_id = row.get<std::string>(6),
            .name = row.get<std::string>(7),
            .spec = string_map_of(row.text(8)),
            .status = row.get<core::InstanceStatus>(9),
            .desired = row.get<core::DesiredStatus>(10),
            .generation = row.integer(11),
            .status_reason = row.get<std::string>(12),
            .provider_message = row.get<std::string>(28),
            .suspension_cause = row.get<core::SuspensionCause>(13),
            .desired_before = row.get<core::DesiredStatus>(30),
            .ip_address = row.get<std::string>(14),
            .details = string_map_of(row.text(15)),
            .pending_operation = row.get<std::string>(16),
            .pending_operation_key = row.get<std::string>(29),
            .restart_requested = row.boolean(17),
            .cycle = row.get<core::BillingCycle>(18),
            .renewal_amount = row.money(19, currency),
            .activated_at = row.optional<core::Timestamp>(21),
            .paid_until = row.optional<core::Timestamp>(22),
            .auto_renew = row.boolean(23),
            .next_check_at = row.optional<core::Timestamp>(24),
            .created_at = row.get<core::Timestamp>(25),
            .updated_at = row.get<core::Timestamp>(26),
            .terminated_at = row.optional<core::Timestamp>(27)};
}

Parameters filter_parameters(const core::InstanceFilter& filter) {
    return Parameters::of(filter.customer, filter.status, filter.provider_id);
}

std::vector<core::InstanceId> ids_of(const Rows& rows) {
    return rows.mapped([](const Row& row) { return row.get<core::InstanceId>(0); });
}

}  // namespace

Result<> PgInstanceStore::insert(const core::Instance& instance) {
    transaction_.defer(
        insert_instance,
        Parameters::of(instance.id, instance.order, instance.customer, instance.product,
                       instance.product_name, instance.provider_id, instance.name,
                       to_json(instance.spec), instance.status, instance.desired, instance.cycle,
                       instance.renewal_amount, instance.renewal_amount.currency(),
                       instance.auto_renew, instance.next_check_at, instance.created_at));
    return {};
}

Result<> PgInstanceStore::save(const core::Instance& instance) {
    transaction_.defer(
        update_instance,
        Parameters::of(instance.id, instance.provider_instance_id, instance.name,
                       to_json(instance.spec), instance.status, instance.desired,
                       instance.generation, instance.status_reason, instance.suspension_cause,
                       instance.ip_address, to_json(instance.details), instance.pending_operation,
                       instance.restart_requested, instance.renewal_amount, instance.activated_at,
                       instance.paid_until, instance.auto_renew, instance.next_check_at,
                       instance.updated_at, instance.terminated_at, instance.provider_message,
                       instance.pending_operation_key, instance.desired_before),
        Expect::one);
    return {};
}

Result<std::optional<core::Instance>> PgInstanceStore::find(core::InstanceId id) {
    return find_with(select_instance, id.uuid());
}

Result<std::optional<core::Instance>> PgInstanceStore::find_for_update(core::InstanceId id) {
    return find_with(lock_instance, id.uuid());
}

Result<std::optional<core::Instance>> PgInstanceStore::find_by_order(core::OrderId order) {
    return find_with(select_instance_of_order, order.uuid());
}

Result<std::optional<core::Instance>> PgInstanceStore::find_with(const Statement& statement,
                                                                 const Uuid& key) {
    const auto rows = TRY(transaction_.query(statement, Parameters::of(key)));
    if (rows.empty()) return std::optional<core::Instance>();
    return std::optional(read_instance(rows.front()));
}

Result<core::Page<core::Instance>> PgInstanceStore::list(const core::InstanceFilter& filter,
                                                         core::PageRequest page) {
    auto parameters = filter_parameters(filter);
    // Not counted with the page: a window over all rows would read and carry each whole.
    const auto count = TRY(transaction_.query(count_instances, parameters));
    parameters.add(page.page_size);
    parameters.add(page.offset());
    const auto rows = TRY(transaction_.query(list_instances, std::move(parameters)));
    return core::Page<core::Instance>{
        .items = rows.mapped(read_instance),
        .total = static_cast<std::uint64_t>(count.front().integer(0))};
}

Result<std::vector<core::InstanceId>> PgInstanceStore::take_due_for_check(core::Timestamp now,
                                                                          core::Timestamp until,
                                                                          std::uint32_t count) {
    return ids_of(TRY(transaction_.query(take_due_instances, Parameters::of(now, until, count))));
}

Result<std::vector<core::InstanceId>> PgInstanceStore::list_due_for_renewal(core::Timestamp paid_by,
                                                                            core::InstanceId after,
                                                                            std::uint32_t count) {
    return ids_of(
        TRY(transaction_.query(list_renewing_instances, Parameters::of(paid_by, after, count))));
}

Result<core::StoredDescription> PgInstanceStore::find_description(core::InstanceId id) {
    const auto rows = TRY(transaction_.query(select_description, Parameters::of(id)));
    if (rows.empty()) return core::StoredDescription{};
    return core::StoredDescription{description_of(rows.front().text(0)),
                                   rows.front().optional<core::Timestamp>(1)};
}

Result<> PgInstanceStore::save_description(core::InstanceId id,
                                           const core::InstanceDescription& description,
                                           core::Timestamp now) {
    transaction_.defer(update_description, Parameters::of(id, to_json(description), now));
    return {};
}

}  // namespace rb::store_pg
