#include "core/payment/settlement.hpp"

#include "core/billing/invoice_store.hpp"
#include "core/event/event_store.hpp"
#include "core/order/order_store.hpp"
#include "core/payment/bookkeeping.hpp"
#include "core/payment/payment_store.hpp"

namespace rb::core {
namespace {

// The errors after which InvoiceSettlement has written nothing: the money goes to the balance.
bool is_settled_otherwise(ErrorCode code) {
    return code == ErrorCode::already_exists || code == ErrorCode::failed_precondition ||
           code == ErrorCode::amount_mismatch;
}

Result<Applied> apply_to_order(UnitOfWork& unit, const SettlementPorts& ports,
                               LockedPayment& locked, Timestamp now) {
    auto& order = *locked.order;
    if (order.status != OrderStatus::pending || order.total_amount != locked.payment.amount) {
        TRY(book_to_balance(unit, ports.ids, locked.payment,
                            "order " + order.id.to_string() + " did not need it any more", now));
        return Applied::to_balance;
    }
    TRY(book_to_deferred(unit, ports.ids, locked.payment, now));
    order.gateway_id = locked.payment.gateway_id;
    TRY(mark_order_paid(unit, ports.ids, order, now));
    TRY(ports.notices.order_paid(unit, order, now));
    return Applied::as_meant;
}

Result<Applied> apply_to_invoice(UnitOfWork& unit, const SettlementPorts& ports,
                                 const Payment& payment, Timestamp now) {
    const auto settled = ports.invoices.settle(unit, *payment.invoice, payment.amount, now);
    if (settled.has_error()) {
        if (!is_settled_otherwise(settled.error().code)) return settled.error();
        TRY(book_to_balance(unit, ports.ids, payment,
                            "invoice " + payment.invoice->to_string() + " did not need it any more",
                            now));
        return Applied::to_balance;
    }
    TRY(book_to_deferred(unit, ports.ids, payment, now));
    return Applied::as_meant;
}

}  // namespace

Result<std::optional<LockedPayment>> lock_payment(UnitOfWork& unit, PaymentId id) {
    const auto found = TRY(unit.payments().find(id));
    if (!found) return std::optional<LockedPayment>();
    LockedPayment locked{.payment = *found, .order = {}};
    if (found->order) {
        locked.order = TRY(unit.orders().find_for_update(*found->order));
        ASSERT(locked.order.has_value());
    }
    if (found->invoice) TRY(unit.invoices().find_for_update(*found->invoice));
    const auto payment = TRY(unit.payments().find_for_update(id));
    ASSERT(payment.has_value());
    locked.payment = *payment;
    return std::optional(std::move(locked));
}

Result<> mark_order_paid(UnitOfWork& unit, IdSource& ids, Order& order, Timestamp now) {
    ASSERT(order.status == OrderStatus::pending);
    order.status = OrderStatus::paid;
    order.paid_at = now;
    order.updated_at = now;
    TRY(unit.orders().save(order));
    return unit.events().enqueue({.id = ids.next_id<EventId>(),
                                  .kind = EventKind::provision_order,
                                  .subject = order.id.uuid(),
                                  .customer = order.customer,
                                  .run_at = now,
                                  .created_at = now});
}

Result<Applied> apply_paid(UnitOfWork& unit, const SettlementPorts& ports, LockedPayment& locked,
                           std::string gateway_tx_id, Timestamp now) {
    auto& payment = locked.payment;
    ASSERT(!payment.has_succeeded());
    payment.status = PaymentStatus::success;
    if (!gateway_tx_id.empty()) payment.gateway_tx_id = std::move(gateway_tx_id);
    payment.failure_reason.clear();
    payment.paid_at = now;
    payment.updated_at = now;
    payment.next_query_at.reset();
    TRY(unit.payments().save(payment));
    switch (payment.purpose) {
        case PaymentPurpose::order:
            TRY(ports.notices.payment_received(unit, payment, now));
            return apply_to_order(unit, ports, locked, now);
        case PaymentPurpose::invoice:
            TRY(ports.notices.payment_received(unit, payment, now));
            return apply_to_invoice(unit, ports, payment, now);
        case PaymentPurpose::recharge: {
            const auto balance = TRY(book_to_balance(unit, ports.ids, payment, "recharge", now));
            TRY(ports.notices.recharge_received(unit, payment, balance, now));
            return Applied::as_meant;
        }
    }
    ASSERT(false);
}

}  // namespace rb::core
