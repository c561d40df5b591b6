#include "store_pg/refund_store.hpp"

namespace rb::store_pg {
namespace {

#define REFUND_COLUMNS                                                               \
    "id, customer_id, payment_id, order_id, destination, amount, currency, status, " \
    "gateway_refund_id, reason, idempotency_key, created_at, updated_at"

constexpr Statement insert_refund{
    "insert_refund", "INSERT INTO refunds (" REFUND_COLUMNS
                     ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)"};

constexpr Statement select_refund{"select_refund",
                                  "SELECT " REFUND_COLUMNS " FROM refunds WHERE id = $1"};

constexpr Statement lock_refund{
    "lock_refund", "SELECT " REFUND_COLUMNS " FROM refunds WHERE id = $1 FOR NO KEY UPDATE"};

constexpr Statement select_refund_by_key{
    "select_refund_by_key", "SELECT " REFUND_COLUMNS " FROM refunds WHERE idempotency_key = $1"};

constexpr Statement update_refund{"update_refund",
                                  "UPDATE refunds SET status = $2, gateway_refund_id = $3, "
                                  "reason = $4, updated_at = $5 WHERE id = $1"};

core::Refund read_refund(const Row& row) {
    return {.id = row.get<core::RefundId>(0),
            .customer = row.get<core::CustomerId>(1),
            .payment = row.get<core::PaymentId>(2),
            .order = row.optional<core::OrderId>(3),
            .destination = row.get<core::RefundDestination>(4),
            .amount = row.money(5, 6),
            .status = row.get<core::RefundStatus>(7),
            .gateway_refund_id = row.get<std::string>(8),
            .reason = row.get<std::string>(9),
            .idempotency_key = row.get<std::string>(10),
            .created_at = row.timestamp(11),
            .updated_at = row.timestamp(12)};
}

std::optional<core::Refund> first(const Rows& rows) {
    if (rows.empty()) return std::nullopt;
    return read_refund(rows.front());
}

}  // namespace

Result<> PgRefundStore::insert(const core::Refund& refund) {
    transaction_.defer(
        insert_refund,
        Parameters::of(refund.id, refund.customer, refund.payment, refund.order, refund.destination,
                       refund.amount, refund.amount.currency(), refund.status,
                       refund.gateway_refund_id, refund.reason, refund.idempotency_key,
                       refund.created_at, refund.updated_at));
    return {};
}

Result<std::optional<core::Refund>> PgRefundStore::find(core::RefundId id) {
    return first(TRY(transaction_.query(select_refund, Parameters::of(id))));
}

Result<std::optional<core::Refund>> PgRefundStore::find_for_update(core::RefundId id) {
    return first(TRY(transaction_.query(lock_refund, Parameters::of(id))));
}

Result<std::optional<core::Refund>> PgRefundStore::find_by_key(std::string_view key) {
    return first(TRY(transaction_.query(select_refund_by_key, Parameters::of(key))));
}

Result<> PgRefundStore::save(const core::Refund& refund) {
    transaction_.defer(update_refund,
                       Parameters::of(refund.id, refund.status, refund.gateway_refund_id,
                                      refund.reason, refund.updated_at));
    return {};
}

}  // namespace rb::store_pg
