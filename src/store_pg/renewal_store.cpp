#include "store_pg/renewal_store.hpp"

namespace rb::store_pg {
namespace {

constexpr Statement insert_renewal{
    "insert_renewal",
    "INSERT INTO renewals (instance_id, period_start, period_end, customer_id, invoice_id, amount, "
    "currency) VALUES ($1, $2, $3, $4, $5, $6, $7)"};

constexpr Statement renewal_exists{
    "renewal_exists", "SELECT 1 FROM renewals WHERE instance_id = $1 AND period_start = $2"};

constexpr Statement select_renewal{
    "select_renewal_by_invoice",
    "SELECT instance_id, period_start, period_end, customer_id, invoice_id, amount, currency, "
    "applied_at FROM renewals WHERE invoice_id = $1"};

constexpr Statement select_open_invoices{
    "select_open_renewal_invoices",
    "SELECT i.id FROM renewals r JOIN invoices i ON i.id = r.invoice_id "
    "WHERE r.instance_id = $1 AND r.applied_at IS NULL AND i.status IN ('issued', 'overdue') "
    "ORDER BY r.period_start"};

// The condition makes a second grant of the same period touch no row, which `Expect::one` refuses.
constexpr Statement apply_renewal{
    "apply_renewal",
    "UPDATE renewals SET applied_at = $3 "
    "WHERE instance_id = $1 AND period_start = $2 AND applied_at IS NULL"};

}  // namespace

Result<> PgRenewalStore::insert(const core::Renewal& renewal) {
    transaction_.defer(
        insert_renewal,
        Parameters::of(renewal.instance, renewal.period_start, renewal.period_end, renewal.customer,
                       renewal.invoice, renewal.amount, renewal.amount.currency()));
    return {};
}

Result<bool> PgRenewalStore::exists(core::InstanceId instance, core::Timestamp period_start) {
    const auto rows =
        TRY(transaction_.query(renewal_exists, Parameters::of(instance, period_start)));
    return !rows.empty();
}

Result<std::optional<core::Renewal>> PgRenewalStore::find_by_invoice(core::InvoiceId invoice) {
    const auto rows = TRY(transaction_.query(select_renewal, Parameters::of(invoice)));
    if (rows.empty()) return std::optional<core::Renewal>();
    const auto row = rows.front();
    return std::optional(core::Renewal{.instance = row.get<core::InstanceId>(0),
                                       .period_start = row.get<core::Timestamp>(1),
                                       .period_end = row.get<core::Timestamp>(2),
                                       .customer = row.get<core::CustomerId>(3),
                                       .invoice = row.get<core::InvoiceId>(4),
                                       .amount = row.money(5, 6),
                                       .applied_at = row.optional<core::Timestamp>(7)});
}

Result<std::vector<core::InvoiceId>> PgRenewalStore::open_invoices(core::InstanceId instance) {
    const auto rows = TRY(transaction_.query(select_open_invoices, Parameters::of(instance)));
    return rows.mapped([](const Row& row) { return row.get<core::InvoiceId>(0); });
}

Result<> PgRenewalStore::mark_applied(core::InstanceId instance, core::Timestamp period_start,
                                      core::Timestamp when) {
    transaction_.defer(apply_renewal, Parameters::of(instance, period_start, when), Expect::one);
    return {};
}

}  // namespace rb::store_pg
