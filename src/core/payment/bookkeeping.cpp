#include "core/payment/bookkeeping.hpp"

#include "core/payment/payment_store.hpp"

namespace rb::core {
namespace {

LedgerSide balance_of(CustomerId customer) {
    return {.account = LedgerAccount::customer_balance, .customer = customer, .gateway_id = {}};
}

LedgerSide clearing_of(const Payment& payment) {
    return {.account = LedgerAccount::gateway_clearing,
            .customer = payment.customer,
            .gateway_id = payment.gateway_id};
}

LedgerSide side_of(LedgerAccount account, CustomerId customer) {
    return {.account = account, .customer = customer, .gateway_id = {}};
}

// Customers are never deleted while money refers to them, so a missing one is a bug.
Result<Account> lock_account(UnitOfWork& unit, CustomerId customer) {
    auto account = TRY(unit.ledger().find_account_for_update(customer));
    if (!account) return internal_error("customer " + customer.to_string() + " has no account");
    return *account;
}

// Where the refunded money stands now: on the balance it was booked to, still deferred, or earned.
Result<LedgerAccount> account_to_refund_from(UnitOfWork& unit, const Payment& payment) {
    const auto credited = TRY(unit.ledger().credited_by_payment(payment.id.to_string()));
    if (!credited) return internal_error("payment " + payment.id.to_string() + " is not booked");
    if (*credited == LedgerAccount::customer_balance) return *credited;
    const auto reference = payment.order     ? payment.order->to_string()
                           : payment.invoice ? payment.invoice->to_string()
                                             : std::string();
    const bool is_earned = TRY(unit.ledger().has_entry(EntryKind::revenue, reference));
    return is_earned ? LedgerAccount::refunds : LedgerAccount::deferred_revenue;
}

}  // namespace

Result<Money> book_to_balance(UnitOfWork& unit, IdSource& ids, const Payment& payment,
                              std::string_view description, Timestamp now) {
    auto account = TRY(lock_account(unit, payment.customer));
    const auto reference = payment.id.to_string();
    const auto entry =
        move_money(ids.next_id<LedgerEntryId>(), EntryKind::payment, reference, payment.amount,
                   clearing_of(payment), balance_of(payment.customer), now);
    TRY(unit.ledger().append(entry, account, ids.next_id<BalanceTransactionId>(),
                             BalanceTransactionType::recharge, reference, description));
    return account.balance;
}

Result<> book_to_deferred(UnitOfWork& unit, IdSource& ids, const Payment& payment, Timestamp now) {
    return unit.ledger().append(move_money(
        ids.next_id<LedgerEntryId>(), EntryKind::payment, payment.id.to_string(), payment.amount,
        clearing_of(payment), side_of(LedgerAccount::deferred_revenue, payment.customer), now));
}

Result<> book_from_balance(UnitOfWork& unit, IdSource& ids, const Payment& payment,
                           Account& account, std::string_view description, Timestamp now) {
    ASSERT(account.covers(payment.amount));
    const auto reference = payment.id.to_string();
    const auto entry = move_money(ids.next_id<LedgerEntryId>(), EntryKind::payment, reference,
                                  payment.amount, balance_of(payment.customer),
                                  side_of(LedgerAccount::deferred_revenue, payment.customer), now);
    TRY(unit.ledger().append(entry, account, ids.next_id<BalanceTransactionId>(),
                             BalanceTransactionType::payment, reference, description));
    return {};
}

Result<> book_refund(UnitOfWork& unit, IdSource& ids, const Payment& payment, const Refund& refund,
                     Timestamp now) {
    auto from = TRY(account_to_refund_from(unit, payment));
    const bool is_to_balance = refund.destination == RefundDestination::balance;
    // Money that stands on the balance already is not moved there by a refund.
    if (is_to_balance && from == LedgerAccount::customer_balance) {
        return Error{ErrorCode::failed_precondition, "the money is on the balance already"};
    }
    std::optional<Account> account;
    if (is_to_balance || from == LedgerAccount::customer_balance) {
        account = TRY(lock_account(unit, payment.customer));
    }
    // The gateway has given back what the customer has spent meanwhile: the loss is the shop's.
    if (from == LedgerAccount::customer_balance && !account->covers(refund.amount)) {
        from = LedgerAccount::refunds;
        account.reset();
    }
    const auto reference = refund.id.to_string();
    const auto entry =
        move_money(ids.next_id<LedgerEntryId>(), EntryKind::refund, reference, refund.amount,
                   side_of(from, payment.customer),
                   is_to_balance ? balance_of(payment.customer) : clearing_of(payment), now);
    if (!account) return unit.ledger().append(entry);
    TRY(unit.ledger().append(entry, *account, ids.next_id<BalanceTransactionId>(),
                             BalanceTransactionType::refund, reference, refund.reason));
    return {};
}

void reserve_refund(Payment& payment, Order* order, Money amount, Timestamp now) {
    ASSERT(payment.has_succeeded() && amount.is_positive() && amount <= payment.refundable());
    payment.refunded_amount = payment.refunded_amount + amount;
    payment.updated_at = now;
    if (order == nullptr) return;
    ASSERT(amount <= order->refundable());
    order->refunded_amount = order->refunded_amount + amount;
    order->updated_at = now;
}

Result<Refund> refund_to_balance(UnitOfWork& unit, IdSource& ids, Payment& payment, Order* order,
                                 Money amount, std::string reason, std::string key, Timestamp now) {
    reserve_refund(payment, order, amount, now);
    if (payment.refundable().is_zero()) payment.status = PaymentStatus::refunded;
    Refund refund{.id = ids.next_id<RefundId>(),
                  .customer = payment.customer,
                  .payment = payment.id,
                  .order = payment.order,
                  .destination = RefundDestination::balance,
                  .amount = amount,
                  .status = RefundStatus::success,
                  .reason = std::move(reason),
                  .idempotency_key = std::move(key),
                  .created_at = now,
                  .updated_at = now};
    TRY(book_refund(unit, ids, payment, refund, now));
    TRY(unit.payments().save(payment));
    TRY(unit.refunds().insert(refund));
    return refund;
}

}  // namespace rb::core
