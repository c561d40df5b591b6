#include "core/order/order_closing.hpp"

#include "core/billing/cancel_renewals.hpp"
#include "core/billing/invoice_store.hpp"
#include "core/billing/renewal_store.hpp"
#include "core/event/event_store.hpp"
#include "core/instance/instance_store.hpp"
#include "core/ledger/ledger_store.hpp"
#include "core/order/order_store.hpp"
#include "core/payment/bookkeeping.hpp"
#include "core/payment/payment_store.hpp"

namespace rb::core {

Result<> activate_order(UnitOfWork& unit, IdSource& ids, Order& order, Timestamp now) {
    ASSERT(allows(order_transitions, order.status, OrderStatus::active));
    order.status = OrderStatus::active;
    order.status_reason.clear();
    order.updated_at = now;
    if (const auto earned = order.refundable(); earned.is_positive()) {
        TRY(unit.ledger().append(move_money(
            ids.next_id<LedgerEntryId>(), EntryKind::revenue, order.id.to_string(), earned,
            {.account = LedgerAccount::deferred_revenue, .customer = order.customer},
            {.account = LedgerAccount::revenue, .customer = order.customer}, now)));
    }
    return unit.orders().save(order);
}

Result<> cancel_and_refund(UnitOfWork& unit, IdSource& ids, Order& order, std::string reason,
                           Timestamp now) {
    ASSERT(allows(order_transitions, order.status, OrderStatus::cancelled));
    if (order.paid_at) {
        auto payments = TRY(unit.payments().list_of_order(order.id));
        for (auto& payment : payments) {
            const auto left = payment.refundable();
            if (payment.status != PaymentStatus::success || !left.is_positive()) continue;
            // Money that came late stands on the balance already.
            const auto credited = TRY(unit.ledger().credited_by_payment(payment.id.to_string()));
            if (credited != LedgerAccount::deferred_revenue) continue;
            TRY(refund_to_balance(unit, ids, payment, &order, left, reason,
                                  "cancel:" + payment.id.to_string(), now));
        }
    }
    order.status = OrderStatus::cancelled;
    order.status_reason = std::move(reason);
    order.updated_at = now;
    TRY(unit.orders().release_stock(order.id, now));
    return unit.orders().save(order);
}

Result<> lock_server_of(UnitOfWork& unit, OrderId order) {
    const auto found = TRY(unit.instances().find_by_order(order));
    if (!found) return {};
    for (const auto id : TRY(unit.renewals().open_invoices(found->id))) {
        TRY(unit.invoices().find_for_update(id));
    }
    TRY(unit.instances().find_for_update(found->id));
    return {};
}

Result<> end_refunded(UnitOfWork& unit, IdSource& ids, Order& order, Timestamp now) {
    if (!order.refundable().is_zero() ||
        !allows(order_transitions, order.status, OrderStatus::refunded)) {
        return unit.orders().save(order);
    }
    order.status = OrderStatus::refunded;
    order.updated_at = now;
    TRY(unit.orders().release_stock(order.id, now));
    TRY(unit.orders().save(order));
    const auto found = TRY(unit.instances().find_by_order(order.id));
    if (!found) return {};
    const auto by = ActorStamp::of(Actor::system());
    TRY(cancel_open_renewals(unit, ids, found->id, by, now));
    auto instance = TRY(unit.instances().find_for_update(found->id));
    if (!instance || instance->is_terminated() || instance->is_ending()) return {};
    instance->want(DesiredStatus::terminated, now);
    TRY(cancel_open_renewals(unit, ids, found->id, by, now));
    instance->status_reason = "the order was refunded";
    TRY(unit.instances().save(*instance));
    return unit.events().enqueue({.id = ids.next_id<EventId>(),
                                  .kind = EventKind::reconcile_instance,
                                  .subject = instance->id.uuid(),
                                  .customer = order.customer,
                                  .run_at = now,
                                  .created_at = now});
}

}  // namespace rb::core
