#include "store_pg/payment_store.hpp"

namespace rb::store_pg {
namespace {

#define PAYMENT_COLUMNS                                                                         \
    "id, customer_id, purpose, order_id, invoice_id, gateway_id, amount, refunded_amount, "     \
    "currency, status, gateway_payment_id, gateway_tx_id, payment_url, qr_code, instructions, " \
    "failure_reason, next_query_at, query_attempts, created_at, updated_at, paid_at, "          \
    "idempotency_key"

#define PAYMENT_FILTER                                                                      \
    "WHERE ($1::uuid IS NULL OR customer_id = $1) AND ($2::uuid IS NULL OR order_id = $2) " \
    "AND ($3::uuid IS NULL OR invoice_id = $3) AND ($4::text IS NULL OR gateway_id = $4) "  \
    "AND ($5::text IS NULL OR status = $5) "

constexpr Statement insert_payment{
    "insert_payment",
    "INSERT INTO payments (" PAYMENT_COLUMNS
    ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, "
    "$19, $20, $21, $22)"};

constexpr Statement select_payment{"select_payment",
                                   "SELECT " PAYMENT_COLUMNS " FROM payments WHERE id = $1"};

constexpr Statement lock_payment{
    "lock_payment", "SELECT " PAYMENT_COLUMNS " FROM payments WHERE id = $1 FOR NO KEY UPDATE"};

constexpr Statement select_payment_by_key{
    "select_payment_by_key",
    "SELECT " PAYMENT_COLUMNS " FROM payments WHERE customer_id = $1 AND idempotency_key = $2"};

constexpr Statement update_payment{
    "update_payment",
    "UPDATE payments SET refunded_amount = $2, status = $3, gateway_payment_id = $4, "
    "gateway_tx_id = $5, payment_url = $6, qr_code = $7, instructions = $8, failure_reason = $9, "
    "next_query_at = $10, query_attempts = $11, updated_at = $12, paid_at = $13 WHERE id = $1"};

// In the order of their ids, which every transaction that locks several of them keeps to.
constexpr Statement lock_payments_of_order{
    "lock_payments_of_order",
    "SELECT " PAYMENT_COLUMNS " FROM payments WHERE order_id = $1 ORDER BY id FOR NO KEY UPDATE"};

constexpr Statement lock_payments_of_invoice{
    "lock_payments_of_invoice",
    "SELECT " PAYMENT_COLUMNS " FROM payments WHERE invoice_id = $1 ORDER BY id FOR NO KEY UPDATE"};

constexpr Statement select_in_flight{
    "select_payment_in_flight",
    "SELECT 1 FROM payments WHERE invoice_id = $1 AND status IN ('pending', 'unknown') LIMIT 1"};

constexpr Statement list_payments{"list_payments",
                                  "SELECT " PAYMENT_COLUMNS " FROM payments " PAYMENT_FILTER
                                  "ORDER BY created_at DESC, id DESC LIMIT $6 OFFSET $7"};

constexpr Statement count_payments{"count_payments",
                                   "SELECT count(*) FROM payments " PAYMENT_FILTER};

constexpr Statement lease_due_payments{
    "lease_due_payments",
    "UPDATE payments SET next_query_at = $2 WHERE id IN ("
    "SELECT id FROM payments WHERE status IN ('pending', 'unknown') AND next_query_at <= $1 "
    "ORDER BY next_query_at LIMIT $3 FOR NO KEY UPDATE SKIP LOCKED) RETURNING id"};

constexpr Statement insert_payment_event{
    "insert_payment_event",
    "INSERT INTO payment_events (gateway_id, external_id, kind, payment_id, callback_id, amount, "
    "currency, applied_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING"};

constexpr Statement select_event_payment{
    "select_event_payment",
    "SELECT payment_id FROM payment_events WHERE gateway_id = $1 AND external_id = $2 AND kind = "
    "$3"};

core::Payment read_payment(const Row& row) {
    const auto currency = row.currency(8);
    return {.id = row.get<core::PaymentId>(0),
            .customer = row.get<core::CustomerId>(1),
            .purpose = row.get<core::PaymentPurpose>(2),
            .order = row.optional<core::OrderId>(3),
            .invoice = row.optional<core::InvoiceId>(4),
            .gateway_id = row.get<std::string>(5),
            .amount = row.money(6, currency),
            .refunded_amount = row.money(7, currency),
            .status = row.get<core::PaymentStatus>(9),
            .gateway_payment_id = row.get<std::string>(10),
            .gateway_tx_id = row.get<std::string>(11),
            .payment_url = row.get<std::string>(12),
            .qr_text = row.get<std::string>(13),
            .instructions = row.get<std::string>(14),
            .failure_reason = row.get<std::string>(15),
            .next_query_at = row.optional<core::Timestamp>(16),
            .query_attempts = row.get<int>(17),
            .created_at = row.timestamp(18),
            .updated_at = row.timestamp(19),
            .paid_at = row.optional<core::Timestamp>(20),
            .idempotency_key = row.optional<std::string>(21)};
}

std::optional<core::Payment> first(const Rows& rows) {
    if (rows.empty()) return std::nullopt;
    return read_payment(rows.front());
}

}  // namespace

Result<> PgPaymentStore::insert(const core::Payment& payment) {
    transaction_.defer(
        insert_payment,
        Parameters::of(payment.id, payment.customer, payment.purpose, payment.order,
                       payment.invoice, payment.gateway_id, payment.amount, payment.refunded_amount,
                       payment.amount.currency(), payment.status, payment.gateway_payment_id,
                       payment.gateway_tx_id, payment.payment_url, payment.qr_text,
                       payment.instructions, payment.failure_reason, payment.next_query_at,
                       payment.query_attempts, payment.created_at, payment.updated_at,
                       payment.paid_at, payment.idempotency_key));
    return {};
}

Result<std::optional<core::Payment>> PgPaymentStore::find(core::PaymentId id) {
    return first(TRY(transaction_.query(select_payment, Parameters::of(id))));
}

Result<std::optional<core::Payment>> PgPaymentStore::find_for_update(core::PaymentId id) {
    return first(TRY(transaction_.query(lock_payment, Parameters::of(id))));
}

Result<std::optional<core::Payment>> PgPaymentStore::find_by_key(core::CustomerId customer,
                                                                 std::string_view key) {
    return first(TRY(transaction_.query(select_payment_by_key, Parameters::of(customer, key))));
}

Result<> PgPaymentStore::save(const core::Payment& payment) {
    transaction_.defer(update_payment,
                       Parameters::of(payment.id, payment.refunded_amount, payment.status,
                                      payment.gateway_payment_id, payment.gateway_tx_id,
                                      payment.payment_url, payment.qr_text, payment.instructions,
                                      payment.failure_reason, payment.next_query_at,
                                      payment.query_attempts, payment.updated_at, payment.paid_at));
    return {};
}

Result<std::vector<core::Payment>> PgPaymentStore::list_of_order(core::OrderId order) {
    const auto rows = TRY(transaction_.query(lock_payments_of_order, Parameters::of(order)));
    return rows.mapped(read_payment);
}

Result<std::vector<core::Payment>> PgPaymentStore::list_of_invoice(core::InvoiceId invoice) {
    const auto rows = TRY(transaction_.query(lock_payments_of_invoice, Parameters::of(invoice)));
    return rows.mapped(read_payment);
}

Result<bool> PgPaymentStore::has_in_flight_for_invoice(core::InvoiceId invoice) {
    const auto rows = TRY(transaction_.query(select_in_flight, Parameters::of(invoice)));
    return !rows.empty();
}

Result<core::Page<core::Payment>> PgPaymentStore::list(const core::PaymentFilter& filter,
                                                       core::PageRequest page) {
    auto parameters = Parameters::of(filter.customer, filter.order, filter.invoice,
                                     filter.gateway_id, filter.status);
    const auto count = TRY(transaction_.query(count_payments, parameters));
    parameters.add(page.page_size);
    parameters.add(page.offset());
    const auto rows = TRY(transaction_.query(list_payments, std::move(parameters)));
    return core::Page<core::Payment>{.items = rows.mapped(read_payment),
                                     .total = static_cast<std::uint64_t>(count.front().integer(0))};
}

Result<std::vector<core::PaymentId>> PgPaymentStore::lease_due(core::Timestamp now,
                                                               std::chrono::seconds lease,
                                                               int limit) {
    const auto rows =
        TRY(transaction_.query(lease_due_payments, Parameters::of(now, now + lease, limit)));
    return rows.mapped([](const Row& row) { return row.get<core::PaymentId>(0); });
}

Result<core::EventIs> PgPaymentStore::insert_event(const core::Payment& payment,
                                                   std::string_view external_id,
                                                   core::CallbackKind kind,
                                                   std::optional<core::Money> amount,
                                                   std::optional<core::CallbackId> callback,
                                                   core::Timestamp now) {
    const auto currency = amount ? std::optional(amount->currency()) : std::nullopt;
    const auto rows = TRY(transaction_.query(
        insert_payment_event, Parameters::of(payment.gateway_id, external_id, kind, payment.id,
                                             callback, amount, currency, now)));
    if (rows.affected() == 1) return core::EventIs::first;
    const auto told = TRY(transaction_.query(
        select_event_payment, Parameters::of(payment.gateway_id, external_id, kind)));
    return told.front().get<core::PaymentId>(0) == payment.id ? core::EventIs::repeated
                                                              : core::EventIs::of_another;
}

}  // namespace rb::store_pg
