// The books (architecture, decision 6). One movement of money is one entry, whose postings sum to
// zero in each currency. amount > 0 debits an account, amount < 0 credits it:
//
//     what happens                     debit              credit
//     a gateway brings money           gateway_clearing   deferred_revenue (or customer_balance)
//     an order is paid from balance    customer_balance   deferred_revenue
//     the provider confirms            deferred_revenue   revenue
//     given back before that           deferred_revenue   customer_balance (or gateway_clearing)
//     given back after that            refunds            customer_balance (or gateway_clearing)
//     an administrator corrects        adjustments        customer_balance (or the reverse)

#pragma once

#include "core/ids.hpp"
#include "core/money/money.hpp"
#include "core/named_enum.hpp"
#include "core/ports/clock.hpp"

#include <optional>
#include <string>
#include <vector>

namespace rb::core {

enum class LedgerAccount {
    customer_balance,
    gateway_clearing,
    deferred_revenue,
    revenue,
    refunds,
    adjustments,
};

template <>
struct EnumNames<LedgerAccount> {
    static constexpr std::array<std::string_view, 6> names = {
        "customer_balance", "gateway_clearing", "deferred_revenue",
        "revenue",          "refunds",          "adjustments"};
};

// (kind, reference) is unique: what may happen once cannot be booked twice.
enum class EntryKind { payment, revenue, refund, adjustment };

template <>
struct EnumNames<EntryKind> {
    static constexpr std::array<std::string_view, 4> names = {"payment", "revenue", "refund",
                                                              "adjustment"};
};

struct Posting {
    LedgerAccount account;
    Money amount;
    // Of customer_balance: whose. Kept on the others too, for reports.
    std::optional<CustomerId> customer = {};
    // Of gateway_clearing: which.
    std::string gateway_id = {};
};

struct LedgerEntry {
    LedgerEntryId id = {};
    EntryKind kind;
    // payment: the payment's id; revenue: the order's or invoice's; refund: the refund's;
    // adjustment: the balance transaction's.
    std::string reference = {};
    std::string description = {};
    Timestamp created_at = {};
    std::vector<Posting> postings = {};
};

// One end of a movement between two accounts.
struct LedgerSide {
    LedgerAccount account;
    CustomerId customer = {};
    std::string gateway_id = {};
};

// An entry that moves `amount` from one account to the other.
// REQUIRES: amount > 0; a gateway where the account is gateway_clearing
LedgerEntry move_money(LedgerEntryId id, EntryKind kind, std::string reference, Money amount,
                       const LedgerSide& debit, const LedgerSide& credit, Timestamp at);

// What an entry does to a customer's balance (credits raise it).
Money balance_change(const LedgerEntry& entry, CustomerId customer, Currency currency);

enum class BalanceTransactionType { recharge, payment, refund, manual_adjust };

template <>
struct EnumNames<BalanceTransactionType> {
    static constexpr std::array<std::string_view, 4> names = {"recharge", "payment", "refund",
                                                              "manual_adjust"};
};

// The customer's view of one movement: before + amount = after.
struct BalanceTransaction {
    BalanceTransactionId id = {};
    CustomerId customer = {};
    Money amount;
    Money balance_before;
    Money balance_after;
    BalanceTransactionType type = BalanceTransactionType::payment;
    std::string reference_id = {};
    std::string description = {};
    LedgerEntryId entry = {};
    Timestamp created_at = {};
};

}  // namespace rb::core
