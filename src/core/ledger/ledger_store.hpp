// The port through which money is booked. A ledger is append-only; a balance is what its entries
// add up to, and moves only together with the entry that says why. Calls act inside the UnitOfWork
// the store was taken from and must not outlive it.

#pragma once

#include "base/result.hpp"

#include "core/later.hpp"
#include "core/ledger/ledger_entry.hpp"
#include "core/page.hpp"

#include <optional>

namespace rb::core {

struct Account {
    CustomerId customer = {};
    Money balance;
    // How far below zero it may go.
    Money credit_limit;
    bool is_active = true;

    // In integers: a balance and a limit that each fit into Money need not do so together.
    [[nodiscard]] bool covers(Money amount) const {
        ASSERT(amount.currency() == balance.currency());
        return balance.minor_units() + credit_limit.minor_units() >= amount.minor_units();
    }
};

struct BalanceTransactionFilter {
    std::optional<CustomerId> customer = {};
    std::optional<BalanceTransactionType> type = {};
};

class LedgerStore {
public:
    virtual ~LedgerStore() = default;

    virtual Later<std::optional<Account>> find_account_later(CustomerId customer) = 0;
    // Locked until the unit ends, so that two payments cannot both spend the same money.
    virtual Result<std::optional<Account>> find_account_for_update(CustomerId customer) = 0;
    // Of the customer whose order it is; with an `owner`, only when it is his.
    virtual Later<std::optional<Account>> find_payer_for_update_later(
        OrderId order, std::optional<CustomerId> owner) = 0;

    // Books an entry that touches no customer's balance.
    // REQUIRES: it balances and has no posting to customer_balance
    // ERRORS: already_exists  (kind, reference) is booked; at the latest at commit
    virtual Result<> append(const LedgerEntry& entry) = 0;

    // Books an entry that moves one customer's balance, and moves it: `account.balance` becomes the
    // new balance, and a balance transaction records it.
    // REQUIRES: `account` was read with find_account_for_update; the entry balances and posts to
    //           this customer's balance in the account's currency; what it takes is covered
    // ERRORS: failed_precondition  the balance would be more than DECIMAL(12,2) holds
    virtual Result<BalanceTransaction> append(const LedgerEntry& entry, Account& account,
                                              BalanceTransactionId id, BalanceTransactionType type,
                                              std::string_view reference_id,
                                              std::string_view description) = 0;

    // Newest first.
    virtual Result<Page<BalanceTransaction>> list(const BalanceTransactionFilter& filter,
                                                  PageRequest page) = 0;
    // What the entry (kind, reference) did to a balance; nothing when there is no such entry.
    virtual Result<std::optional<BalanceTransaction>> find_booked(EntryKind kind,
                                                                  std::string_view reference) = 0;
    // Whether (kind, reference) is booked.
    virtual Result<bool> has_entry(EntryKind kind, std::string_view reference) = 0;
    // The account that the payment's money was booked to; nothing when it is not booked.
    virtual Result<std::optional<LedgerAccount>> credited_by_payment(std::string_view payment) = 0;
};

// The first row that is wrong, and why.
struct LedgerFault {
    std::string table = {};
    std::string row = {};
    std::string why = {};
};

struct LedgerTotals {
    std::uint64_t entries = 0;
    std::uint64_t customers = 0;
    std::uint64_t balance_transactions = 0;
    std::uint64_t payments = 0;
};

class LedgerAuditStore {
public:
    virtual ~LedgerAuditStore() = default;
    // All that follows sees one moment. REQUIRES: the unit has not been used yet
    virtual Result<> begin_snapshot() = 0;
    // How many checks there are, and what each looks at; find_fault(check) runs one.
    [[nodiscard]] virtual int check_count() const = 0;
    [[nodiscard]] virtual std::string_view check_name(int check) const = 0;
    virtual Result<std::optional<LedgerFault>> find_fault(int check) = 0;
    virtual Result<LedgerTotals> totals() = 0;
};

}  // namespace rb::core
