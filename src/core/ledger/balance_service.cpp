#include "core/ledger/balance_service.hpp"

#include "core/limits.hpp"
#include "core/operation_log/operation_log.hpp"
#include "core/text.hpp"

namespace rb::core {
namespace {

Error no_such_customer() {
    return Error{ErrorCode::not_found, "there is no such customer"};
}

}  // namespace

Result<Account> BalanceService::find(const Actor& actor, std::optional<CustomerId> customer) {
    const auto owner = customer.value_or(actor.customer);
    if (!actor.may_see(owner)) return no_such_customer();
    auto unit = TRY(database_.read());
    const auto account = TRY(unit->ledger().find_account_later(owner).get());
    if (!account) return no_such_customer();
    return *account;
}

Result<Page<BalanceTransaction>> BalanceService::list(const Actor& actor,
                                                      BalanceTransactionFilter filter,
                                                      PageRequest page) {
    if (!actor.is_staff()) filter.customer = actor.customer;
    auto unit = TRY(database_.read());
    return unit->ledger().list(filter, page);
}

Result<BalanceTransaction> BalanceService::adjust(
    const Actor& actor, CustomerId customer, const std::string& amount, std::string reason,
    const std::optional<std::string>& idempotency_key) {
    ASSERT(actor.is_staff());
    TRY(check_text(reason,
                   {.field = "reason", .chars_min = 1, .chars_max = limits::reason_chars_max}));
    return in_transaction(
        database_, "adjust_balance", [&](UnitOfWork& unit) -> Result<BalanceTransaction> {
            auto account = TRY(unit.ledger().find_account_for_update(customer));
            if (!account) return no_such_customer();
            const auto change = TRY(Money::parse(amount, account->balance.currency(), "amount"));
            if (change.is_zero()) return invalid_field("amount", "must not be zero");
            const auto id = ids_.next_id<BalanceTransactionId>();
            // The ledger takes an entry of this name once.
            const auto entry_name =
                idempotency_key ? customer.to_string() + ":" + *idempotency_key : id.to_string();
            if (auto first = TRY(unit.ledger().find_booked(EntryKind::adjustment, entry_name))) {
                if (first->amount == change && first->description == reason) return *first;
                return Error{ErrorCode::idempotency_conflict,
                             "the idempotency key was used for another adjustment",
                             "idempotency-key"};
            }
            if (change.is_negative() && !account->covers(-change)) {
                return Error{ErrorCode::insufficient_funds,
                             "the balance and the credit limit do not cover the amount", "amount"};
            }
            // DECIMAL(12,2): ten digits before the point.
            if (account->balance.minor_units() + change.minor_units() > Money::minor_units_max) {
                return invalid_field("amount", "makes the balance too large");
            }
            const auto now = clock_.now();
            const LedgerSide balance{.account = LedgerAccount::customer_balance,
                                     .customer = customer};
            const LedgerSide adjustments{.account = LedgerAccount::adjustments,
                                         .customer = customer};
            const bool is_credit = change.is_positive();
            const auto entry =
                move_money(ids_.next_id<LedgerEntryId>(), EntryKind::adjustment, entry_name,
                           is_credit ? change : -change, is_credit ? adjustments : balance,
                           is_credit ? balance : adjustments, now);
            Changes changes;
            note_change(changes, "balance", account->balance.to_string(),
                        (account->balance + change).to_string());
            note_change(changes, "reason", "", reason);
            const auto made =
                TRY(unit.ledger().append(entry, *account, id, BalanceTransactionType::manual_adjust,
                                         id.to_string(), reason));
            TRY(unit.operation_log().append({.id = ids_.next_id<OperationId>(),
                                             .by = ActorStamp::of(actor),
                                             .customer = customer,
                                             .action = "balance.adjust",
                                             .object_type = "customer",
                                             .object_id = customer.to_string(),
                                             .changes = std::move(changes),
                                             .at = now}));
            return made;
        });
}

}  // namespace rb::core
