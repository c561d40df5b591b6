// What customers and the operator are told of orders and payments: order.paid, order.cancelled,
// order.refunded, payment.received, recharge.received (the words: notification/templates.def).
//
// Each is written into the outbox by the unit that makes it true, with its other writes, and sent
// after the commit: a notifier that fails takes nothing back. While no notifier is enabled nothing
// is written at all; that is known from memory (PluginDirectory::may_notify), so it costs the
// paying customer no query.
//
// The operator ([server].notify_email) gets the same message as the customer. Thread-safe.

#pragma once

#include "base/result.hpp"

#include "core/notification/notice.hpp"
#include "core/order/order.hpp"
#include "core/payment/payment.hpp"
#include "core/plugin/plugin_directory.hpp"
#include "core/unit_of_work.hpp"

#include <string>

namespace rb::core {

class MoneyNotices {
public:
    // Both must outlive it.
    MoneyNotices(IdSource& ids, const PluginDirectory& plugins) : ids_(ids), plugins_(plugins) {}

    // The order has been paid, from the balance or through a gateway.
    Result<> order_paid(UnitOfWork& unit, const Order& order, Timestamp now) const;
    // It ended before its server stood. `reason` is shown as it is.
    Result<> order_cancelled(UnitOfWork& unit, const Order& order, std::string reason,
                             Timestamp now) const;
    // `amount` of it has been given back. `step` tells one refund of an order from the next.
    Result<> order_refunded(UnitOfWork& unit, const Order& order, Money amount, std::string step,
                            Timestamp now) const;
    // A gateway has brought the money for an order or an invoice; a receipt, for the customer
    // alone.
    Result<> payment_received(UnitOfWork& unit, const Payment& payment, Timestamp now) const;
    // A recharge stands on the balance, which is `balance` now.
    Result<> recharge_received(UnitOfWork& unit, const Payment& payment, Money balance,
                               Timestamp now) const;
    // Something about the payment that people must look at; to the operator alone. `step` tells one
    // such thing from the next.
    Result<> needs_attention(UnitOfWork& unit, const Payment& payment, std::string reason,
                             std::string step, Timestamp now) const;

private:
    Result<> enqueue(UnitOfWork& unit, const Notice& notice, Timestamp now) const;

    IdSource& ids_;
    const PluginDirectory& plugins_;
};

}  // namespace rb::core
