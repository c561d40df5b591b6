#include "store_pg/invoice_store.hpp"

namespace rb::store_pg {
namespace {

#define INVOICE_COLUMNS                                                                    \
    "id, customer_id, invoice_number, status, billing_period_start, billing_period_end, "  \
    "amount, tax_amount, paid_amount, currency, notes, issued_at, delivered_at, paid_at, " \
    "due_date, created_at, updated_at"

constexpr Statement insert_invoice{
    "insert_invoice",
    "INSERT INTO invoices (id, customer_id, invoice_number, status, billing_period_start, "
    "billing_period_end, amount, tax_amount, paid_amount, currency, notes, issued_at, due_date, "
    "created_at, updated_at) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $14)"};

constexpr Statement insert_item{"insert_invoice_item",
                                "INSERT INTO invoice_items (id, invoice_id, position, description, "
                                "quantity, unit_price, amount) "
                                "VALUES ($1, $2, $3, $4, $5, $6, $7)"};

constexpr Statement update_invoice{
    "update_invoice",
    "UPDATE invoices SET invoice_number = $2, status = $3, paid_amount = $4, issued_at = $5, "
    "paid_at = $6, due_date = $7, updated_at = $8 WHERE id = $1"};

constexpr Statement select_invoice{"select_invoice",
                                   "SELECT " INVOICE_COLUMNS " FROM invoices WHERE id = $1"};

constexpr Statement lock_invoice{
    "lock_invoice", "SELECT " INVOICE_COLUMNS " FROM invoices WHERE id = $1 FOR UPDATE"};

constexpr Statement select_items{
    "select_invoice_items",
    "SELECT description, quantity, unit_price, id FROM invoice_items WHERE invoice_id = $1 "
    "ORDER BY position"};

constexpr Statement list_invoices{
    "list_invoices",
    "SELECT " INVOICE_COLUMNS
    " FROM invoices "
    "WHERE ($1::uuid IS NULL OR customer_id = $1) AND ($2::text IS NULL OR status = $2) "
    "AND NOT ($3 AND status = 'draft') "
    "ORDER BY created_at DESC, id DESC LIMIT $4 OFFSET $5"};

constexpr Statement count_invoices{
    "count_invoices",
    "SELECT count(*) FROM invoices "
    "WHERE ($1::uuid IS NULL OR customer_id = $1) AND ($2::text IS NULL OR status = $2) "
    "AND NOT ($3 AND status = 'draft')"};

// The row lock it takes lasts until commit, which is what keeps the series free of gaps.
constexpr Statement take_series_number{
    "take_invoice_number",
    "INSERT INTO invoice_series (series, last_number) VALUES ($1, 1) "
    "ON CONFLICT (series) DO UPDATE SET last_number = invoice_series.last_number + 1 "
    "RETURNING last_number"};

constexpr Statement list_due_invoices{
    "list_due_invoices",
    "SELECT id FROM invoices WHERE status IN ('issued', 'overdue') AND due_date <= $1 AND id > $2 "
    "ORDER BY id LIMIT $3"};

constexpr Statement deliver_invoice{"deliver_invoice",
                                    "UPDATE invoices SET delivered_at = $2, updated_at = $2 WHERE "
                                    "id = $1 AND delivered_at IS NULL"};

core::Invoice read_invoice(const Row& row) {
    const auto currency = row.currency(9);
    return {.id = row.get<core::InvoiceId>(0),
            .customer = row.get<core::CustomerId>(1),
            .number = row.optional<std::string>(2).value_or(""),
            .status = row.get<core::InvoiceStatus>(3),
            .period_start = row.optional<core::Timestamp>(4),
            .period_end = row.optional<core::Timestamp>(5),
            .amount = row.money(6, currency),
            .tax = row.money(7, currency),
            .paid = row.money(8, currency),
            .notes = row.get<std::string>(10),
            .issued_at = row.optional<core::Timestamp>(11),
            .delivered_at = row.optional<core::Timestamp>(12),
            .paid_at = row.optional<core::Timestamp>(13),
            .due_date = row.optional<core::Timestamp>(14),
            .created_at = row.get<core::Timestamp>(15),
            .updated_at = row.get<core::Timestamp>(16)};
}

std::optional<std::string> number_of(const core::Invoice& invoice) {
    if (invoice.number.empty()) return std::nullopt;
    return invoice.number;
}

}  // namespace

Result<> PgInvoiceStore::insert(const core::Invoice& invoice) {
    transaction_.defer(
        insert_invoice,
        Parameters::of(invoice.id, invoice.customer, number_of(invoice), invoice.status,
                       invoice.period_start, invoice.period_end, invoice.amount, invoice.tax,
                       invoice.paid, invoice.amount.currency(), invoice.notes, invoice.issued_at,
                       invoice.due_date, invoice.created_at));
    int position = 0;
    for (const auto& item : invoice.items) {
        transaction_.defer(insert_item,
                           Parameters::of(item.id, invoice.id, ++position, item.description,
                                          item.quantity, item.unit_price, item.amount()));
    }
    return {};
}

Result<> PgInvoiceStore::save(const core::Invoice& invoice) {
    transaction_.defer(
        update_invoice,
        Parameters::of(invoice.id, number_of(invoice), invoice.status, invoice.paid,
                       invoice.issued_at, invoice.paid_at, invoice.due_date, invoice.updated_at),
        Expect::one);
    return {};
}

Result<std::optional<core::Invoice>> PgInvoiceStore::find(core::InvoiceId id) {
    return find_with(select_invoice, id);
}

Result<std::optional<core::Invoice>> PgInvoiceStore::find_for_update(core::InvoiceId id) {
    return find_with(lock_invoice, id);
}

Result<std::optional<core::Invoice>> PgInvoiceStore::find_with(const Statement& statement,
                                                               core::InvoiceId id) {
    const auto rows = TRY(transaction_.query(statement, Parameters::of(id)));
    if (rows.empty()) return std::optional<core::Invoice>();
    auto invoice = read_invoice(rows.front());
    TRY(read_items(invoice));
    return std::optional(std::move(invoice));
}

Result<> PgInvoiceStore::read_items(core::Invoice& invoice) {
    const auto rows = TRY(transaction_.query(select_items, Parameters::of(invoice.id)));
    invoice.items = rows.mapped([&](const Row& row) {
        return core::InvoiceItem{.description = row.get<std::string>(0),
                                 .quantity = row.integer(1),
                                 .unit_price = row.money(2, invoice.amount.currency()),
                                 .id = row.uuid(3)};
    });
    return {};
}

Result<core::Page<core::Invoice>> PgInvoiceStore::list(const core::InvoiceFilter& filter,
                                                       core::PageRequest page) {
    auto parameters = Parameters::of(filter.customer, filter.status, filter.hide_drafts);
    // Not counted with the page: a window over all rows would read and carry each whole.
    const auto count = TRY(transaction_.query(count_invoices, parameters));
    parameters.add(page.page_size);
    parameters.add(page.offset());
    const auto rows = TRY(transaction_.query(list_invoices, std::move(parameters)));
    return core::Page<core::Invoice>{.items = rows.mapped(read_invoice),
                                     .total = static_cast<std::uint64_t>(count.front().integer(0))};
}

Result<std::int64_t> PgInvoiceStore::take_number(std::string_view series) {
    const auto rows = TRY(transaction_.query(take_series_number, Parameters::of(series)));
    return rows.front().integer(0);
}

Result<std::vector<core::InvoiceId>> PgInvoiceStore::list_due(core::Timestamp due_by,
                                                              core::InvoiceId after,
                                                              std::uint32_t count) {
    const auto rows =
        TRY(transaction_.query(list_due_invoices, Parameters::of(due_by, after, count)));
    return rows.mapped([](const Row& row) { return row.get<core::InvoiceId>(0); });
}

Result<> PgInvoiceStore::mark_delivered(core::InvoiceId id, core::Timestamp when) {
    transaction_.defer(deliver_invoice, Parameters::of(id, when));
    return {};
}

}  // namespace rb::store_pg
