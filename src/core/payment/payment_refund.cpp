// PaymentService's part that gives money back.

#include "core/event/event_store.hpp"
#include "core/ledger/ledger_store.hpp"
#include "core/limits.hpp"
#include "core/operation_log/operation_log.hpp"
#include "core/order/order_closing.hpp"
#include "core/order/order_store.hpp"
#include "core/payment/bookkeeping.hpp"
#include "core/payment/payment_service.hpp"
#include "core/payment/settlement.hpp"
#include "core/text.hpp"

namespace rb::core {
namespace {

constexpr std::string_view refund_log_target = "rustbill_server::refund";

Error no_such_refund() {
    return Error{ErrorCode::not_found, "there is no such refund"};
}

}  // namespace

Result<> check_same_refund(const Refund& first, const std::optional<Money>& amount,
                           RefundDestination destination, Money left) {
    // What was left when the first one came; one that failed has freed its share again.
    const auto left_then = first.status == RefundStatus::failed ? left : left + first.amount;
    const auto asked = amount.value_or(left_then);
    const bool is_same = destination == first.destination &&
                         asked.currency() == first.amount.currency() && asked == first.amount;
    if (is_same) return {};
    return Error{ErrorCode::idempotency_conflict, "the idempotency key was used for another refund",
                 "idempotency-key"};
}

Result<Refund> begin_refund(UnitOfWork& unit, IdSource& ids, Payment& payment, Order* order,
                            const RefundOrderPart& part, Timestamp now) {
    if (part.destination == RefundDestination::balance) {
        return refund_to_balance(unit, ids, payment, order, part.amount, part.reason, part.key,
                                 now);
    }
    reserve_refund(payment, order, part.amount, now);
    Refund refund{.id = ids.next_id<RefundId>(),
                  .customer = payment.customer,
                  .payment = payment.id,
                  .order = order == nullptr ? std::nullopt : payment.order,
                  .destination = RefundDestination::gateway,
                  .amount = part.amount,
                  .status = RefundStatus::pending,
                  .reason = part.reason,
                  .idempotency_key = part.key,
                  .created_at = now,
                  .updated_at = now};
    TRY(unit.payments().save(payment));
    TRY(unit.refunds().insert(refund));
    TRY(unit.events().enqueue({.id = ids.next_id<EventId>(),
                               .kind = EventKind::pay_out_refund,
                               .subject = refund.id.uuid(),
                               .customer = payment.customer,
                               .run_at = now,
                               .created_at = now}));
    return refund;
}

Result<Payment> PaymentService::refund(const Actor& actor, PaymentId id,
                                       const RefundRequest& request) {
    ASSERT(actor.is_staff());
    TRY(check_text(request.reason, {.field = "reason", .chars_max = limits::reason_chars_max}));
    if (request.destination == RefundDestination::gateway) {
        const auto payment = TRY(find(actor, id));
        const auto gateway = TRY(find_gateway(payment.gateway_id));
        if (!gateway->capabilities().contains(GatewayCapability::refund)) {
            return Error{ErrorCode::unsupported, "this payment method cannot pay back"};
        }
    }
    return in_transaction(
        ports_.database, "refund_payment", [&](UnitOfWork& unit) -> Result<Payment> {
            auto locked = TRY(lock_payment(unit, id));
            if (!locked) return Error{ErrorCode::not_found, "there is no such payment"};
            auto& payment = locked->payment;
            const auto key = "payment:" + id.to_string() + ":" +
                             request.idempotency_key.value_or(ports_.ids.next().to_string());
            if (const auto first = TRY(unit.refunds().find_by_key(key))) {
                TRY(check_same_refund(*first, request.amount, request.destination,
                                      payment.refundable()));
                return payment;
            }
            if (!payment.has_succeeded()) {
                return Error{ErrorCode::failed_precondition, "the payment has not succeeded"};
            }
            const auto amount = request.amount.value_or(payment.refundable());
            if (!amount.is_positive() || amount.currency() != payment.amount.currency() ||
                amount > payment.refundable()) {
                return Error{ErrorCode::failed_precondition,
                             "amount: must be above zero and at most what is left, " +
                                 payment.refundable().to_string(),
                             "amount"};
            }
            const auto credited = TRY(unit.ledger().credited_by_payment(payment.id.to_string()));
            auto* order = locked->order && credited == LedgerAccount::deferred_revenue
                              ? &*locked->order
                              : nullptr;
            if (order != nullptr && (order->status == OrderStatus::paid ||
                                     order->status == OrderStatus::provisioning)) {
                return Error{ErrorCode::failed_precondition,
                             "the order waits for its server; cancel the order instead"};
            }
            if (order != nullptr && amount == order->refundable()) {
                TRY(lock_server_of(unit, order->id));
            }
            const auto now = ports_.clock.now();
            const auto refund = TRY(begin_refund(unit, ports_.ids, payment, order,
                                                 {.amount = amount,
                                                  .destination = request.destination,
                                                  .reason = request.reason,
                                                  .key = key},
                                                 now));
            if (order != nullptr) {
                if (request.destination == RefundDestination::balance) {
                    TRY(end_refunded(unit, ports_.ids, *order, now));
                    TRY(notices_.order_refunded(unit, *order, amount, refund.id.to_string(), now));
                } else {
                    TRY(unit.orders().save(*order));
                }
            }
            Changes changes;
            note_change(changes, "refunded", "", amount.to_string());
            TRY(unit.operation_log().append({.id = ports_.ids.next_id<OperationId>(),
                                             .by = ActorStamp::of(actor),
                                             .customer = payment.customer,
                                             .action = "payment.refund",
                                             .object_type = "payment",
                                             .object_id = id.to_string(),
                                             .changes = std::move(changes),
                                             .at = now}));
            return payment;
        });
}

Result<> PaymentService::pay_out(RefundId id) {
    auto unit = TRY(ports_.database.read());
    const auto refund = TRY(unit->refunds().find(id));
    if (!refund) return no_such_refund();
    if (refund->status == RefundStatus::success || refund->status == RefundStatus::failed) {
        return {};
    }
    const auto payment = TRY(unit->payments().find(refund->payment));
    ASSERT(payment.has_value());
    unit.reset();
    const auto gateway = TRY(ports_.plugins.find_gateway(payment->gateway_id));
    const GatewayRefundRequest request{.refund = id,
                                       .payment = payment->ref(),
                                       .amount = refund->amount,
                                       .reason = refund->reason};
    ports_.faults.reached("before-call:refund");
    const auto answer = gateway->refund(request);
    ports_.faults.reached("after-call:refund");
    TRY(record_pay_out(id, answer));
    // Asked again by the event worker; the refund's id keeps the gateway from paying twice.
    if (answer.has_value() && !answer->is_final) {
        return Error{ErrorCode::outcome_unknown, "the gateway has not finished the refund"};
    }
    if (answer.has_error() && answer.error().code != ErrorCode::plugin_refused &&
        answer.error().code != ErrorCode::unsupported) {
        return answer.error();
    }
    return {};
}

Result<> PaymentService::record_pay_out(RefundId id, const Result<GatewayRefund>& answer) {
    const auto recorded =
        in_transaction(ports_.database, "record_pay_out", [&](UnitOfWork& unit) -> Result<Refund> {
            const auto found = TRY(unit.refunds().find(id));
            if (!found) return no_such_refund();
            auto locked = TRY(lock_payment(unit, found->payment));
            auto refund = TRY(unit.refunds().find_for_update(id));
            ASSERT(locked.has_value() && refund.has_value());
            if (refund->status == RefundStatus::success || refund->status == RefundStatus::failed) {
                return *refund;
            }
            auto& payment = locked->payment;
            const auto now = ports_.clock.now();
            refund->updated_at = now;
            payment.updated_at = now;
            if (answer.has_value()) {
                refund->gateway_refund_id = answer->gateway_refund_id;
                if (answer->is_final) {
                    if (refund->order) TRY(lock_server_of(unit, *refund->order));
                    refund->status = RefundStatus::success;
                    TRY(book_refund(unit, ports_.ids, payment, *refund, now));
                    if (payment.refundable().is_zero()) payment.status = PaymentStatus::refunded;
                    if (refund->order) {
                        TRY(end_refunded(unit, ports_.ids, *locked->order, now));
                        TRY(notices_.order_refunded(unit, *locked->order, refund->amount,
                                                    id.to_string(), now));
                    }
                }
            } else if (answer.error().code == ErrorCode::plugin_refused ||
                       answer.error().code == ErrorCode::unsupported) {
                // A definite no: the money is the payment's (and the order's) again.
                refund->status = RefundStatus::failed;
                refund->reason = answer.error().message;
                payment.refunded_amount = payment.refunded_amount - refund->amount;
                if (refund->order) {
                    auto& order = *locked->order;
                    order.refunded_amount = order.refunded_amount - refund->amount;
                    order.updated_at = now;
                    TRY(unit.orders().save(order));
                }
            } else {
                refund->status = RefundStatus::unknown;
            }
            TRY(unit.refunds().save(*refund));
            TRY(unit.payments().save(payment));
            return *refund;
        });
    if (recorded.has_error()) return recorded.error();
    if (recorded->status == RefundStatus::failed) {
        ports_.log.error(refund_log_target, "a gateway refused to pay back",
                         {{"refund_id", id.to_string()}, {"reason", recorded->reason}});
    }
    return {};
}

}  // namespace rb::core
