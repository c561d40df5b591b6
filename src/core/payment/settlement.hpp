// What happens when the money of a payment has come, whichever way we heard of it: callback, query,
// an administrator's confirmation.
//
// Money is never lost: what it was meant for may have ended meanwhile; then it stands on the
// customer's balance.

#pragma once

#include "base/result.hpp"

#include "core/billing/invoice_settlement.hpp"
#include "core/order/order.hpp"
#include "core/payment/money_notices.hpp"
#include "core/payment/payment.hpp"
#include "core/ports/id_source.hpp"
#include "core/unit_of_work.hpp"

#include <optional>
#include <string>

namespace rb::core {

// A payment and what it pays for, locked in the order every transaction keeps to.
struct LockedPayment {
    Payment payment;
    std::optional<Order> order;
};

// Nothing when there is no such payment.
Result<std::optional<LockedPayment>> lock_payment(UnitOfWork& unit, PaymentId id);

struct SettlementPorts {
    IdSource& ids;
    InvoiceSettlement& invoices;
    const MoneyNotices& notices;
};

enum class Applied {
    // The order is paid, the invoice is paid, or the recharge is on the balance.
    as_meant,
    // What it was for has ended: the money is on the balance.
    to_balance,
};

// Marks the payment successful, books it, sets going what it was for, and has the customer told.
// REQUIRES: locked with lock_payment in this unit, and it has not succeeded
Result<Applied> apply_paid(UnitOfWork& unit, const SettlementPorts& ports, LockedPayment& locked,
                           std::string gateway_tx_id, Timestamp now);

// The order is paid: its provisioning follows once this commits. Saves the order.
// REQUIRES: it is locked and pending
Result<> mark_order_paid(UnitOfWork& unit, IdSource& ids, Order& order, Timestamp now);

}  // namespace rb::core
