// How payments and refunds are booked: the one place that knows which accounts a payment moves.
//
// Every call acts inside the given unit. Locks are taken in one order everywhere, so that no two
// transactions wait for each other: the order, the invoices, the server (instance), and the
// customer's account last, which all his money passes. The payments of an order or of an invoice
// are locked by those alone who hold that order or invoice, before the account.

#pragma once

#include "base/result.hpp"

#include "core/ledger/ledger_store.hpp"
#include "core/order/order.hpp"
#include "core/payment/payment.hpp"
#include "core/ports/id_source.hpp"
#include "core/unit_of_work.hpp"

#include <optional>
#include <string>

namespace rb::core {

// Books money that a gateway has brought to the customer's balance, and returns the new balance.
// REQUIRES: the payment is locked and not booked
Result<Money> book_to_balance(UnitOfWork& unit, IdSource& ids, const Payment& payment,
                              std::string_view description, Timestamp now);

// Books money that a gateway has brought for what it was meant for.
// REQUIRES: the payment is locked and not booked
Result<> book_to_deferred(UnitOfWork& unit, IdSource& ids, const Payment& payment, Timestamp now);

// Takes the payment's amount from the balance and books it for what it is meant for.
// REQUIRES: the account was read with find_account_for_update and covers the amount
Result<> book_from_balance(UnitOfWork& unit, IdSource& ids, const Payment& payment,
                           Account& account, std::string_view description, Timestamp now);

// Books a refund that has been paid: to the balance, or out through the gateway.
// REQUIRES: the payment is locked and booked
Result<> book_refund(UnitOfWork& unit, IdSource& ids, const Payment& payment, const Refund& refund,
                     Timestamp now);

// Reserves `amount` of the payment (and of its order) for a refund. Saves neither.
// REQUIRES: both are locked, and the amount is refundable
void reserve_refund(Payment& payment, Order* order, Money amount, Timestamp now);

// Gives back `amount` of a payment to the customer's balance, in full within this unit: refund row,
// books, payment. `order` is changed but not saved.
// REQUIRES: the payment and the order (where there is one) are locked; the amount is refundable
Result<Refund> refund_to_balance(UnitOfWork& unit, IdSource& ids, Payment& payment, Order* order,
                                 Money amount, std::string reason, std::string key, Timestamp now);

struct RefundOrderPart {
    Money amount;
    RefundDestination destination = RefundDestination::balance;
    std::string reason = {};
    // Unique: a repeated command finds its first refund by it.
    std::string key;
};

// Whether a command with the idempotency key of `first` is the same command: an amount that is not
// named means all that is `left` to refund.
// ERRORS: idempotency_conflict  it is another
Result<> check_same_refund(const Refund& first, const std::optional<Money>& amount,
                           RefundDestination destination, Money left);

// To the balance: done within this unit. Through the gateway: reserved here, paid out by a worker
// after the commit. `order` is changed but not saved. REQUIRES: as refund_to_balance
Result<Refund> begin_refund(UnitOfWork& unit, IdSource& ids, Payment& payment, Order* order,
                            const RefundOrderPart& part, Timestamp now);

}  // namespace rb::core
