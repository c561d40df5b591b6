// Every statement that touches renewals. The contract is the port's
// (core/billing/renewal_store.hpp).

#pragma once

#include "core/billing/renewal_store.hpp"

#include "store_pg/transaction.hpp"

namespace rb::store_pg {

class PgRenewalStore final : public core::RenewalStore {
public:
    // REQUIRES: the transaction outlives the store
    explicit PgRenewalStore(Transaction& transaction) : transaction_(transaction) {}

    Result<> insert(const core::Renewal& renewal) override;
    Result<bool> exists(core::InstanceId instance, core::Timestamp period_start) override;
    Result<std::optional<core::Renewal>> find_by_invoice(core::InvoiceId invoice) override;
    Result<std::vector<core::InvoiceId>> open_invoices(core::InstanceId instance) override;
    Result<> mark_applied(core::InstanceId instance, core::Timestamp period_start,
                          core::Timestamp when) override;

private:
    Transaction& transaction_;
};

}  // namespace rb::store_pg
