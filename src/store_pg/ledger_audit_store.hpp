// The checks of `ledger verify`, each one statement that answers the first row that is wrong. The
// contract is the port's (core/ledger/ledger_store.hpp).

#pragma once

#include "core/ledger/ledger_store.hpp"

#include "store_pg/transaction.hpp"

namespace rb::store_pg {

class PgLedgerAuditStore final : public core::LedgerAuditStore {
public:
    // REQUIRES: the transaction outlives the store
    explicit PgLedgerAuditStore(Transaction& transaction) : transaction_(transaction) {}

    Result<> begin_snapshot() override;
    [[nodiscard]] int check_count() const override;
    [[nodiscard]] std::string_view check_name(int check) const override;
    Result<std::optional<core::LedgerFault>> find_fault(int check) override;
    Result<core::LedgerTotals> totals() override;

private:
    Transaction& transaction_;
};

}  // namespace rb::store_pg
