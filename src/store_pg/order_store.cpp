#include "store_pg/order_store.hpp"

#include "store_pg/json_text.hpp"

namespace rb::store_pg {
namespace {

#define ORDER_COLUMNS                                                                           \
    "o.id, o.customer_id, o.product_id, o.provider_id, o.product_name, o.billing_cycle, "       \
    "o.server_spec, o.status, o.status_reason, o.total_amount, o.refunded_amount, o.currency, " \
    "o.gateway_id, o.notes, o.idempotency_key, o.request_hash, o.created_at, o.updated_at, "    \
    "o.paid_at, o.expires_at"

// Of the order's server and of its last payment.
#define ORDER_RELATED                                                                \
    ", i.id, coalesce(i.provider_instance_id, ''), "                                 \
    "coalesce((SELECT p.gateway_payment_id FROM payments p WHERE p.order_id = o.id " \
    "ORDER BY p.created_at DESC, p.id DESC LIMIT 1), ''), "                          \
    "coalesce(i.provider_message, '')"
#define ORDER_JOINED "FROM orders o LEFT JOIN instances i ON i.order_id = o.id "

#define ORDER_FILTER                                                                          \
    "WHERE ($1::uuid IS NULL OR o.customer_id = $1) AND ($2::text IS NULL OR o.status = $2) " \
    "AND ($3::text IS NULL OR o.provider_id = $3) "                                           \
    "AND ($4::text IS NULL OR position(lower($4) IN lower(o.product_name)) > 0 "              \
    "OR position(lower($4) IN lower(o.notes)) > 0 "                                           \
    "OR left(o.id::text, length($4)) = lower($4)) "

constexpr Statement insert_order{
    "insert_order",
    "INSERT INTO orders (id, customer_id, product_id, provider_id, product_name, billing_cycle, "
    "server_spec, status, status_reason, total_amount, refunded_amount, currency, gateway_id, "
    "notes, idempotency_key, request_hash, created_at, updated_at, paid_at, expires_at) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, "
    "$20) ON CONFLICT (customer_id, idempotency_key) WHERE idempotency_key IS NOT NULL DO NOTHING"};

constexpr Statement select_order{
    "select_order", "SELECT " ORDER_COLUMNS ORDER_RELATED " " ORDER_JOINED "WHERE o.id = $1"};

// Not FOR UPDATE: rows that refer to the order (a payment, an instance) may still be inserted.
constexpr Statement lock_order{
    "lock_order", "SELECT " ORDER_COLUMNS " FROM orders o WHERE o.id = $1 FOR NO KEY UPDATE"};

constexpr Statement select_order_by_key{"select_order_by_key",
                                        "SELECT " ORDER_COLUMNS ORDER_RELATED " " ORDER_JOINED
                                        "WHERE o.customer_id = $1 AND o.idempotency_key = $2"};

constexpr Statement update_order{
    "update_order",
    "UPDATE orders SET status = $2, status_reason = $3, refunded_amount = $4, gateway_id = $5, "
    "updated_at = $6, paid_at = $7, expires_at = $8 WHERE id = $1"};

constexpr Statement list_orders{"list_orders",
                                "SELECT " ORDER_COLUMNS ORDER_RELATED " " ORDER_JOINED ORDER_FILTER
                                "ORDER BY o.created_at DESC, o.id DESC LIMIT $5 OFFSET $6"};

constexpr Statement count_orders{"count_orders", "SELECT count(*) FROM orders o " ORDER_FILTER};

constexpr Statement list_expired_orders{
    "list_expired_orders",
    "SELECT id FROM orders WHERE status = 'pending' AND expires_at <= $1 "
    "ORDER BY expires_at, id LIMIT $2"};

constexpr Statement count_unpaid_orders{"count_unpaid_orders",
                                        "SELECT count(*) FROM orders WHERE customer_id = $1 AND "
                                        "product_id = $2 AND status = 'pending'"};

constexpr Statement insert_reservation{
    "insert_reservation",
    "INSERT INTO stock_reservations (order_id, product_id, created_at) VALUES ($1, $2, $3)"};

constexpr Statement release_reservation{
    "release_reservation",
    "UPDATE stock_reservations SET released_at = $2 WHERE order_id = $1 AND released_at IS NULL"};

core::Order read_order(const Row& row) {
    const auto currency = row.currency(11);
    return {.id = row.get<core::OrderId>(0),
            .customer = row.get<core::CustomerId>(1),
            .product = row.get<core::ProductId>(2),
            .provider_id = row.get<std::string>(3),
            .product_name = row.get<std::string>(4),
            .billing_cycle = row.get<core::BillingCycle>(5),
            .spec = string_map_of(row.text(6)),
            .status = row.get<core::OrderStatus>(7),
            .status_reason = row.get<std::string>(8),
            .total_amount = row.money(9, currency),
            .refunded_amount = row.money(10, currency),
            .gateway_id = row.get<std::string>(12),
            .notes = row.get<std::string>(13),
            .idempotency_key = row.optional<std::string>(14),
            .request_hash = row.is_null(15) ? std::string() : row.bytes(15),
            .created_at = row.timestamp(16),
            .updated_at = row.timestamp(17),
            .paid_at = row.optional<core::Timestamp>(18),
            .expires_at = row.timestamp(19)};
}

core::Order read_order_with_related(const Row& row) {
    auto order = read_order(row);
    order.instance = row.optional<core::InstanceId>(20);
    order.provider_instance_id = row.get<std::string>(21);
    order.gateway_payment_id = row.get<std::string>(22);
    order.provider_message = row.get<std::string>(23);
    return order;
}

template <typename Read>
std::optional<core::Order> first(const Rows& rows, Read read) {
    if (rows.empty()) return std::nullopt;
    return read(rows.front());
}

}  // namespace

Result<bool> PgOrderStore::insert(const core::Order& order) {
    std::optional<Bytes> hash;
    if (order.idempotency_key) hash = Bytes{order.request_hash};
    auto parameters = Parameters::of(
        order.id, order.customer, order.product, order.provider_id, order.product_name,
        order.billing_cycle, to_json(order.spec), order.status, order.status_reason,
        order.total_amount, order.refunded_amount, order.total_amount.currency(), order.gateway_id,
        order.notes, order.idempotency_key, hash, order.created_at, order.updated_at, order.paid_at,
        order.expires_at);
    // Without a key nothing can be in its way, and the row may travel with the COMMIT.
    if (!order.idempotency_key) {
        transaction_.defer(insert_order, std::move(parameters));
        return true;
    }
    const auto rows = TRY(transaction_.query(insert_order, std::move(parameters)));
    return rows.affected() == 1;
}

Result<std::optional<core::Order>> PgOrderStore::find(core::OrderId id) {
    const auto rows = TRY(transaction_.query(select_order, Parameters::of(id)));
    return first(rows, read_order_with_related);
}

Result<std::optional<core::Order>> PgOrderStore::find_for_update(core::OrderId id) {
    return find_for_update_later(id).get();
}

core::Later<std::optional<core::Order>> PgOrderStore::find_for_update_later(core::OrderId id) {
    return transaction_.query_later<std::optional<core::Order>>(
        lock_order, Parameters::of(id), [](const Rows& rows) { return first(rows, read_order); });
}

Result<std::optional<core::Order>> PgOrderStore::find_by_key(core::CustomerId customer,
                                                             std::string_view key) {
    const auto rows = TRY(transaction_.query(select_order_by_key, Parameters::of(customer, key)));
    return first(rows, read_order_with_related);
}

Result<> PgOrderStore::save(const core::Order& order) {
    transaction_.defer(
        update_order,
        Parameters::of(order.id, order.status, order.status_reason, order.refunded_amount,
                       order.gateway_id, order.updated_at, order.paid_at, order.expires_at));
    return {};
}

Result<core::Page<core::Order>> PgOrderStore::list(const core::OrderFilter& filter,
                                                   core::PageRequest page) {
    auto parameters =
        Parameters::of(filter.customer, filter.status, filter.provider_id, filter.search);
    const auto count = TRY(transaction_.query(count_orders, parameters));
    parameters.add(page.page_size);
    parameters.add(page.offset());
    const auto rows = TRY(transaction_.query(list_orders, std::move(parameters)));
    return core::Page<core::Order>{.items = rows.mapped(read_order_with_related),
                                   .total = static_cast<std::uint64_t>(count.front().integer(0))};
}

Result<std::vector<core::OrderId>> PgOrderStore::list_expired(core::Timestamp now, int limit) {
    const auto rows = TRY(transaction_.query(list_expired_orders, Parameters::of(now, limit)));
    return rows.mapped([](const Row& row) { return row.get<core::OrderId>(0); });
}

Result<std::size_t> PgOrderStore::count_unpaid(core::CustomerId customer, core::ProductId product) {
    return TRY(transaction_.query(count_unpaid_orders, Parameters::of(customer, product)))
        .front()
        .get<std::size_t>(0);
}

Result<> PgOrderStore::reserve_stock(core::OrderId order, core::ProductId product,
                                     core::Timestamp now) {
    transaction_.defer(insert_reservation, Parameters::of(order, product, now));
    return {};
}

Result<> PgOrderStore::release_stock(core::OrderId order, core::Timestamp now) {
    transaction_.defer(release_reservation, Parameters::of(order, now));
    return {};
}

}  // namespace rb::store_pg
