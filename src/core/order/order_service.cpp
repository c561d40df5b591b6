#include "core/order/order_service.hpp"

#include "core/catalogue/catalogue_store.hpp"
#include "core/event/event_store.hpp"
#include "core/instance/abandon_opening.hpp"
#include "core/instance/instance_store.hpp"
#include "core/ledger/ledger_store.hpp"
#include "core/limits.hpp"
#include "core/operation_log/operation_log.hpp"
#include "core/order/order_closing.hpp"
#include "core/order/spec_check.hpp"
#include "core/payment/bookkeeping.hpp"
#include "core/payment/settlement.hpp"
#include "core/text.hpp"

namespace rb::core {
namespace {

constexpr std::string_view target = "rustbill_server::order";

// Not "permission denied": a stranger must not learn that this id exists.
Error no_such_order() {
    return Error{ErrorCode::not_found, "there is no such order"};
}

Error not_payable(const Order& order) {
    return Error{ErrorCode::order_not_payable,
                 "the order is " + std::string(name_of(order.status))};
}

PaymentStart paid_with(const Payment& payment) {
    return {.payment = payment.id,
            .gateway_id = payment.gateway_id,
            .instructions = {},
            .status = payment.status};
}

// A payable order, or the reason why it is none.
Result<> check_payable(const Order& order, Timestamp now) {
    if (order.status != OrderStatus::pending) return not_payable(order);
    if (order.expires_at <= now) {
        return Error{ErrorCode::order_not_payable, "the order's time to be paid is over"};
    }
    return {};
}

// The order as it stands in `unit`, with what a lock does not read: its server, and its name at the
// gateway.
Result<Order> read_whole(UnitOfWork& unit, OrderId id) {
    auto order = TRY(unit.orders().find(id));
    ASSERT(order.has_value());
    return *std::move(order);
}

Result<std::optional<PaymentStart>> find_success(UnitOfWork& unit, OrderId id) {
    for (const auto& payment : TRY(unit.payments().list_of_order(id))) {
        if (payment.has_succeeded()) return std::optional(paid_with(payment));
    }
    return std::optional<PaymentStart>();
}

// An attempt at a gateway whose outcome nobody knows blocks every other.
Result<> check_nothing_unclear(UnitOfWork& unit, const Order& order) {
    // The order names the gateway of its first attempt; without one there is nothing to look up.
    if (order.gateway_id.empty() || order.gateway_id == balance_gateway) return {};
    for (const auto& payment : TRY(unit.payments().list_of_order(order.id))) {
        if (payment.status == PaymentStatus::unknown) {
            return Error{ErrorCode::outcome_unknown,
                         "an earlier payment is still being looked up; try again in a moment"};
        }
    }
    return {};
}

Result<> check_refundable(const Order& order, Money amount) {
    if (!order.paid_at) {
        return Error{ErrorCode::failed_precondition, "the order was not paid"};
    }
    if (order.status == OrderStatus::paid || order.status == OrderStatus::provisioning) {
        return Error{ErrorCode::failed_precondition,
                     "the order waits for its server; cancel it instead"};
    }
    if (!amount.is_positive() || amount.currency() != order.total_amount.currency() ||
        amount > order.refundable()) {
        return Error{ErrorCode::failed_precondition,
                     "amount: must be above zero and at most what is left, " +
                         order.refundable().to_string(),
                     "amount"};
    }
    return {};
}

// The payment that paid the order.
Result<Payment> find_refundable(UnitOfWork& unit, const Order& order, Money amount) {
    for (const auto& payment : TRY(unit.payments().list_of_order(order.id))) {
        if (payment.status != PaymentStatus::success || payment.refundable() < amount) continue;
        const auto credited = TRY(unit.ledger().credited_by_payment(payment.id.to_string()));
        if (credited == LedgerAccount::deferred_revenue) return payment;
    }
    return Error{ErrorCode::failed_precondition, "no payment of this order has so much left"};
}

// A stranger locks nobody's account by naming an order.
Result<std::optional<Account>> lock_payer(UnitOfWork& unit, const Actor& actor, OrderId id) {
    const auto owner = actor.is_staff() ? std::nullopt : std::optional(actor.customer);
    return unit.ledger().find_payer_for_update_later(id, owner).get();
}

Result<PaymentStart> pay_now(UnitOfWork& unit, IdSource& ids, Order& order,
                             std::optional<Account> account, Timestamp now) {
    order.gateway_id = balance_gateway;
    // What costs nothing has no payment.
    if (order.total_amount.is_zero()) {
        TRY(mark_order_paid(unit, ids, order, now));
        return PaymentStart{.payment = {},
                            .gateway_id = order.gateway_id,
                            .instructions = {},
                            .status = PaymentStatus::success};
    }
    if (!account) account = TRY(unit.ledger().find_account_for_update(order.customer));
    ASSERT(account.has_value() && account->customer == order.customer);
    if (!account->covers(order.total_amount)) {
        return Error{
            ErrorCode::insufficient_funds,
            "the balance and the credit limit do not cover " + order.total_amount.to_string()};
    }
    const Payment payment{.id = ids.next_id<PaymentId>(),
                          .customer = order.customer,
                          .purpose = PaymentPurpose::order,
                          .order = order.id,
                          .gateway_id = order.gateway_id,
                          .amount = order.total_amount,
                          .refunded_amount = Money::zero(order.total_amount.currency()),
                          .status = PaymentStatus::success,
                          .created_at = now,
                          .updated_at = now,
                          .paid_at = now};
    TRY(unit.payments().insert(payment));
    TRY(book_from_balance(unit, ids, payment, *account, order.product_name, now));
    TRY(mark_order_paid(unit, ids, order, now));
    return paid_with(payment);
}

}  // namespace

Result<Order> OrderService::find(const Actor& actor, OrderId id) {
    auto unit = TRY(ports_.database.read());
    auto order = TRY(unit->orders().find(id));
    if (!order || !actor.may_see(order->customer)) return no_such_order();
    return *order;
}

Result<Page<Order>> OrderService::list(const Actor& actor, OrderFilter filter, PageRequest page) {
    if (!actor.is_staff()) filter.customer = actor.customer;
    if (filter.search && filter.search->size() > limits::search_bytes_max) {
        return invalid_field(
            "search",
            "must be at most " + std::to_string(limits::search_bytes_max) + " bytes long");
    }
    auto unit = TRY(ports_.database.read());
    return unit->orders().list(filter, page);
}

Result<PaymentStart> OrderService::pay(const Actor& actor, OrderId id,
                                       const std::string& gateway_id, const std::string& payer_ip) {
    std::optional<std::string> elsewhere;
    auto paid =
        in_transaction(ports_.database, "pay_order", [&](UnitOfWork& unit) -> Result<PaymentStart> {
            elsewhere.reset();
            // Both locks in one round trip where it is known that both will be needed.
            auto locking = unit.orders().find_for_update_later(id);
            std::optional<Account> account;
            if (gateway_id == balance_gateway) {
                account = TRY(lock_payer(unit, actor, id));
            }
            auto order = TRY(locking.get());
            if (!order || !actor.may_see(order->customer)) return no_such_order();
            if (order->status == OrderStatus::cancelled || order->status == OrderStatus::refunded) {
                return not_payable(*order);
            }
            if (order->paid_at) {
                // Clients repeat the call when an answer is lost; the repeat gets the same answer.
                if (auto first = TRY(find_success(unit, id))) return *first;
                if (order->total_amount.is_zero()) {
                    return PaymentStart{.payment = {},
                                        .gateway_id = order->gateway_id,
                                        .instructions = {},
                                        .status = PaymentStatus::success};
                }
                return not_payable(*order);
            }
            const auto now = ports_.clock.now();
            TRY(check_payable(*order, now));
            auto gateway = !gateway_id.empty() ? gateway_id : order->gateway_id;
            if (!gateway.empty() && gateway != balance_gateway &&
                order->total_amount.is_positive()) {
                elsewhere = std::move(gateway);
                return PaymentStart{};
            }
            TRY(check_nothing_unclear(unit, *order));
            auto done = TRY(pay_now(unit, ports_.ids, *order, account, now));
            TRY(notices_.order_paid(unit, *order, now));
            return done;
        });
    if (paid.has_error() || !elsewhere) return paid;

    return ports_.payments.start(
        *elsewhere, payer_ip, [&](UnitOfWork& unit) -> Result<PaymentService::Target> {
            auto order = TRY(unit.orders().find_for_update(id));
            if (!order) return no_such_order();
            const auto now = ports_.clock.now();
            TRY(check_payable(*order, now));
            order->gateway_id = *elsewhere;
            order->updated_at = now;
            TRY(unit.orders().save(*order));
            return PaymentService::Target{.customer = order->customer,
                                          .purpose = PaymentPurpose::order,
                                          .order = id,
                                          .amount = order->total_amount,
                                          .description = "RustBill order " + id.to_string()};
        });
}

Result<Order> OrderService::cancel(const Actor& actor, OrderId id, std::string reason) {
    TRY(check_text(reason, {.field = "reason", .chars_max = limits::reason_chars_max}));
    return in_transaction(ports_.database, "cancel_order", [&](UnitOfWork& unit) -> Result<Order> {
        auto order = TRY(unit.orders().find_for_update(id));
        if (!order || !actor.may_see(order->customer)) return no_such_order();
        if (order->status == OrderStatus::cancelled) return read_whole(unit, id);
        const bool may_end = order->status == OrderStatus::pending ||
                             order->status == OrderStatus::paid ||
                             order->status == OrderStatus::provisioning;
        if (!may_end) {
            return Error{ErrorCode::illegal_transition,
                         "the order is " + std::string(name_of(order->status))};
        }
        const auto now = ports_.clock.now();
        TRY(abandon_opening(unit, ports_.ids, id, "its order was cancelled", now));
        Changes changes;
        note_change(changes, "status", std::string(name_of(order->status)), "cancelled");
        const auto refunded_before = order->refunded_amount;
        TRY(cancel_and_refund(unit, ports_.ids, *order,
                              reason.empty() ? "cancelled on request" : reason, now));
        TRY(notices_.order_cancelled(
            unit, *order, reason.empty() ? "应要求取消 / cancelled on request" : reason, now));
        if (const auto back = order->refunded_amount - refunded_before; back.is_positive()) {
            TRY(notices_.order_refunded(unit, *order, back, "cancelled", now));
        }
        TRY(unit.operation_log().append({.id = ports_.ids.next_id<OperationId>(),
                                         .by = ActorStamp::of(actor),
                                         .customer = order->customer,
                                         .action = "order.cancel",
                                         .object_type = "order",
                                         .object_id = id.to_string(),
                                         .changes = std::move(changes),
                                         .at = now}));
        return read_whole(unit, id);
    });
}

Result<Order> OrderService::refund(const Actor& actor, OrderId id, const RefundOrder& request) {
    ASSERT(actor.is_staff());
    TRY(check_text(request.reason, {.field = "reason", .chars_max = limits::reason_chars_max}));
    Result<> may_pay_back;
    if (request.destination == RefundDestination::gateway) {
        // Looking a gateway up may compile its script: not while the order is locked. A paid order
        // names the gateway that paid it.
        may_pay_back = check_can_pay_back(TRY(find(actor, id)).gateway_id);
    }
    return in_transaction(ports_.database, "refund_order", [&](UnitOfWork& unit) -> Result<Order> {
        auto order = TRY(unit.orders().find_for_update(id));
        if (!order) return no_such_order();
        const auto key = "order:" + id.to_string() + ":" +
                         request.idempotency_key.value_or(ports_.ids.next().to_string());
        if (const auto first = TRY(unit.refunds().find_by_key(key))) {
            TRY(check_same_refund(*first, request.amount, request.destination,
                                  order->refundable()));
            return read_whole(unit, id);
        }
        const auto amount = request.amount.value_or(order->refundable());
        TRY(check_refundable(*order, amount));
        if (amount == order->refundable()) TRY(lock_server_of(unit, id));
        auto payment = TRY(find_refundable(unit, *order, amount));
        if (may_pay_back.has_error()) return may_pay_back.error();
        const auto now = ports_.clock.now();
        const auto refund = TRY(begin_refund(unit, ports_.ids, payment, &*order,
                                             {.amount = amount,
                                              .destination = request.destination,
                                              .reason = request.reason,
                                              .key = key},
                                             now));
        if (request.destination == RefundDestination::balance) {
            TRY(end_refunded(unit, ports_.ids, *order, now));
            TRY(notices_.order_refunded(unit, *order, amount, refund.id.to_string(), now));
        } else {
            TRY(unit.orders().save(*order));
        }
        Changes changes;
        note_change(changes, "refunded", "", amount.to_string());
        TRY(unit.operation_log().append({.id = ports_.ids.next_id<OperationId>(),
                                         .by = ActorStamp::of(actor),
                                         .customer = order->customer,
                                         .action = "order.refund",
                                         .object_type = "order",
                                         .object_id = id.to_string(),
                                         .changes = std::move(changes),
                                         .at = now}));
        return read_whole(unit, id);
    });
}

Result<> OrderService::check_can_pay_back(const std::string& gateway_id) {
    if (gateway_id == balance_gateway) {
        return Error{ErrorCode::unsupported, "the order was paid from the balance; refund it there",
                     "destination"};
    }
    const auto gateway = TRY(ports_.plugins.find_gateway(gateway_id));
    if (gateway->capabilities().contains(GatewayCapability::refund)) return {};
    return Error{ErrorCode::unsupported, "this payment method cannot pay back", "destination"};
}

Result<ExpiredOrders> OrderService::cancel_expired(int limit) {
    auto unit = TRY(ports_.database.read());
    const auto expired = TRY(unit->orders().list_expired(ports_.clock.now(), limit));
    unit.reset();
    ExpiredOrders report;
    for (const auto id : expired) {
        const auto ended = cancel_expired_one(id);
        if (ended.has_error()) {
            ++report.failed;
            ports_.log.warn(target, "an unpaid order could not be ended",
                            {{"order_id", id.to_string()}, {"error", ended.error().message}});
        } else if (*ended) {
            ++report.cancelled;
        } else {
            ++report.waiting;
        }
    }
    return report;
}

Result<bool> OrderService::cancel_expired_one(OrderId id) {
    // Ask first, outside of any transaction: money under way must not meet a closed door.
    auto unit = TRY(ports_.database.read());
    const auto payments =
        TRY(unit->payments().list({.order = id}, {.page = 1, .page_size = limits::page_size_max}));
    unit.reset();
    for (const auto& payment : payments.items) {
        if (!payment.is_open()) continue;
        // Not knowing is no reason to close: the order waits. Money that comes all the same goes to
        // the balance.
        const auto asked = ports_.payments.query(Actor::system(), payment.id);
        const bool is_unclear = asked.has_error() || asked->status == PaymentStatus::unknown;
        if (is_unclear) {
            return in_transaction(
                ports_.database, "postpone_order_end", [&](UnitOfWork& again) -> Result<bool> {
                    auto order = TRY(again.orders().find_for_update(id));
                    if (!order || order->status != OrderStatus::pending) return false;
                    order->expires_at = ports_.clock.now() + limits::order_payment_grace;
                    TRY(again.orders().save(*order));
                    return false;
                });
        }
    }
    return in_transaction(
        ports_.database, "end_unpaid_order", [&](UnitOfWork& again) -> Result<bool> {
            auto order = TRY(again.orders().find_for_update(id));
            const auto now = ports_.clock.now();
            if (!order || order->status != OrderStatus::pending || order->expires_at > now) {
                return false;
            }
            TRY(cancel_and_refund(again, ports_.ids, *order, "it was not paid in time", now));
            TRY(notices_.order_cancelled(again, *order,
                                         "未在规定时间内付款 / it was not paid in time", now));
            return true;
        });
}

}  // namespace rb::core
