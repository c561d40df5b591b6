// Every statement that touches invoices, invoice_items and invoice_series. The contract is the
// port's (core/billing/invoice_store.hpp).

#pragma once

#include "core/billing/invoice_store.hpp"

#include "store_pg/transaction.hpp"

namespace rb::store_pg {

class PgInvoiceStore final : public core::InvoiceStore {
public:
    // REQUIRES: the transaction outlives the store
    explicit PgInvoiceStore(Transaction& transaction) : transaction_(transaction) {}

    Result<> insert(const core::Invoice& invoice) override;
    Result<> save(const core::Invoice& invoice) override;
    Result<std::optional<core::Invoice>> find(core::InvoiceId id) override;
    Result<std::optional<core::Invoice>> find_for_update(core::InvoiceId id) override;
    Result<core::Page<core::Invoice>> list(const core::InvoiceFilter& filter,
                                           core::PageRequest page) override;
    Result<std::int64_t> take_number(std::string_view series) override;
    Result<std::vector<core::InvoiceId>> list_due(core::Timestamp due_by, core::InvoiceId after,
                                                  std::uint32_t count) override;
    Result<> mark_delivered(core::InvoiceId id, core::Timestamp when) override;

private:
    Result<std::optional<core::Invoice>> find_with(const Statement& statement, core::InvoiceId id);
    Result<> read_items(core::Invoice& invoice);

    Transaction& transaction_;
};

}  // namespace rb::store_pg
