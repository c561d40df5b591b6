#include "core/ledger/ledger_entry.hpp"

namespace rb::core {

LedgerEntry move_money(LedgerEntryId id, EntryKind kind, std::string reference, Money amount,
                       const LedgerSide& debit, const LedgerSide& credit, Timestamp at) {
    ASSERT(amount.is_positive());
    for (const auto* side : {&debit, &credit}) {
        ASSERT(side->account != LedgerAccount::gateway_clearing || !side->gateway_id.empty());
    }
    const auto posting = [](const LedgerSide& side, Money signed_amount) {
        return Posting{.account = side.account,
                       .amount = signed_amount,
                       .customer = side.customer,
                       .gateway_id = side.gateway_id};
    };
    return {.id = id,
            .kind = kind,
            .reference = std::move(reference),
            .description = {},
            .created_at = at,
            .postings = {posting(debit, amount), posting(credit, -amount)}};
}

Money balance_change(const LedgerEntry& entry, CustomerId customer, Currency currency) {
    auto change = Money::zero(currency);
    for (const auto& posting : entry.postings) {
        if (posting.account != LedgerAccount::customer_balance) continue;
        ASSERT(posting.customer == customer);
        change = change - posting.amount;
    }
    return change;
}

}  // namespace rb::core
