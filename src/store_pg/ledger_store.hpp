// Every statement that moves money: ledger_entries, ledger_postings, balance_transactions, and the
// balance of customers. The contract is the port's (core/ledger/ledger_store.hpp).

#pragma once

#include "core/ledger/ledger_store.hpp"

#include "store_pg/transaction.hpp"

namespace rb::store_pg {

class PgLedgerStore final : public core::LedgerStore {
public:
    // REQUIRES: the transaction outlives the store
    explicit PgLedgerStore(Transaction& transaction) : transaction_(transaction) {}

    core::Later<std::optional<core::Account>> find_account_later(
        core::CustomerId customer) override;
    Result<std::optional<core::Account>> find_account_for_update(
        core::CustomerId customer) override;
    core::Later<std::optional<core::Account>> find_payer_for_update_later(
        core::OrderId order, std::optional<core::CustomerId> owner) override;
    Result<> append(const core::LedgerEntry& entry) override;
    Result<core::BalanceTransaction> append(const core::LedgerEntry& entry, core::Account& account,
                                            core::BalanceTransactionId id,
                                            core::BalanceTransactionType type,
                                            std::string_view reference_id,
                                            std::string_view description) override;
    Result<core::Page<core::BalanceTransaction>> list(const core::BalanceTransactionFilter& filter,
                                                      core::PageRequest page) override;
    Result<std::optional<core::BalanceTransaction>> find_booked(
        core::EntryKind kind, std::string_view reference) override;
    Result<bool> has_entry(core::EntryKind kind, std::string_view reference) override;
    Result<std::optional<core::LedgerAccount>> credited_by_payment(
        std::string_view payment) override;

private:
    void insert(const core::LedgerEntry& entry);

    Transaction& transaction_;
};

}  // namespace rb::store_pg
