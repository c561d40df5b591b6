#include "core/payment/payment_service.hpp"

#include "core/customer/customer_store.hpp"
#include "core/ledger/ledger_store.hpp"
#include "core/limits.hpp"
#include "core/operation_log/operation_log.hpp"
#include "core/order/order_store.hpp"
#include "core/text.hpp"

#include <algorithm>

namespace rb::core {
namespace {

constexpr std::string_view payment_log_target = "rustbill_server::payment";

Error no_such_payment() {
    return Error{ErrorCode::not_found, "there is no such payment"};
}

// Whether nobody knows if the call had its effect.
bool is_unknown(ErrorCode code) {
    return code == ErrorCode::outcome_unknown || code == ErrorCode::deadline_exceeded;
}

Error under_way() {
    return Error{ErrorCode::outcome_unknown,
                 "an earlier payment is still being looked up; try again in a moment"};
}

PaymentInstructions instructions_of(const Payment& payment) {
    return {.gateway_payment_id = payment.gateway_payment_id,
            .payment_url = payment.payment_url,
            .qr_text = payment.qr_text,
            .instructions = payment.instructions};
}

PaymentStart start_of(const Payment& payment) {
    return {.payment = payment.id,
            .gateway_id = payment.gateway_id,
            .instructions = instructions_of(payment),
            .status = payment.status};
}

Result<std::vector<Payment>> earlier_attempts(UnitOfWork& unit,
                                              const PaymentService::Target& wanted) {
    if (wanted.order) return unit.payments().list_of_order(*wanted.order);
    if (wanted.invoice) return unit.payments().list_of_invoice(*wanted.invoice);
    return std::vector<Payment>();
}

// Whether an attempt that is still open, with what its gateway answers now, has come to nothing.
bool is_over(const Payment& payment, const Result<GatewayPayment>& answer, Timestamp now) {
    const auto age = now - payment.created_at;
    if (answer.has_error()) {
        // Not answering proves nothing, however long; a gateway that is no more will never answer.
        return answer.error().code == ErrorCode::not_found && age >= limits::payment_open_max;
    }
    // It is paid, only not as it should be: that is for people.
    if (answer->state == GatewayPaymentState::paid) return false;
    if (age >= limits::payment_open_max) return true;
    return answer->state == GatewayPaymentState::not_found &&
           payment.status == PaymentStatus::unknown && age >= limits::payment_not_found_after;
}

// The first payment of this key, or a clash with it.
Result<std::optional<Payment>> find_first(UnitOfWork& unit, const PaymentService::Target& wanted,
                                          const std::string& gateway_id) {
    if (!wanted.idempotency_key) return std::optional<Payment>();
    auto first = TRY(unit.payments().find_by_key(wanted.customer, *wanted.idempotency_key));
    if (first && (first->gateway_id != gateway_id || first->amount != wanted.amount)) {
        return Error{ErrorCode::idempotency_conflict,
                     "the idempotency key was used for another payment", "idempotency-key"};
    }
    return first;
}

}  // namespace

PaymentService::PaymentService(Ports ports, PaymentUrls urls)
    : ports_(ports), urls_(std::move(urls)), notices_(ports.ids, ports.plugins) {}

SettlementPorts PaymentService::settlement() const {
    return {.ids = ports_.ids, .invoices = ports_.invoices, .notices = notices_};
}

Result<std::shared_ptr<Gateway>> PaymentService::find_gateway(const std::string& id) {
    auto gateway = ports_.plugins.find_gateway(id);
    if (gateway.has_error() && gateway.error().code == ErrorCode::not_found) {
        return invalid_field("gateway_id", "there is no such payment method");
    }
    return gateway;
}

// The row is written as `unknown` before the gateway is called: whoever finds it after a crash asks
// the gateway, or makes the same payment anew under the same id.
Result<PaymentService::Attempt> PaymentService::open_attempt(const std::string& gateway_id,
                                                             const TargetCheck& check) {
    return in_transaction(
        ports_.database, "start_payment", [&](UnitOfWork& unit) -> Result<Attempt> {
            const auto wanted = TRY(check(unit));
            const auto again = [&](const Payment& earlier) {
                return Attempt{earlier, wanted.description, false};
            };
            if (const auto first = TRY(find_first(unit, wanted, gateway_id))) return again(*first);
            for (const auto& earlier : TRY(earlier_attempts(unit, wanted))) {
                if (!earlier.is_open()) continue;
                if (earlier.gateway_id == gateway_id) return again(earlier);
                // Another way may be chosen while the first is unpaid, not while it is unclear.
                if (earlier.status == PaymentStatus::unknown) return under_way();
            }
            const auto now = ports_.clock.now();
            Payment payment{.id = ports_.ids.next_id<PaymentId>(),
                            .customer = wanted.customer,
                            .purpose = wanted.purpose,
                            .order = wanted.order,
                            .invoice = wanted.invoice,
                            .gateway_id = gateway_id,
                            .amount = wanted.amount,
                            .refunded_amount = Money::zero(wanted.amount.currency()),
                            .status = PaymentStatus::unknown,
                            .next_query_at = now + limits::payment_query_first,
                            .created_at = now,
                            .updated_at = now,
                            .idempotency_key = wanted.idempotency_key};
            TRY(unit.payments().insert(payment));
            return Attempt{std::move(payment), wanted.description};
        });
}

Result<PaymentStart> PaymentService::start(const std::string& gateway_id,
                                           const std::string& payer_ip, const TargetCheck& check) {
    const auto gateway = TRY(find_gateway(gateway_id));
    if (!gateway->capabilities().contains(GatewayCapability::create_payment)) {
        return invalid_field("gateway_id", "this payment method takes no payments");
    }
    auto [payment, description, is_new] = TRY(open_attempt(gateway_id, check));
    if (payment.status != PaymentStatus::unknown) return start_of(payment);
    if (!is_new && gateway->capabilities().contains(GatewayCapability::query)) {
        // Nobody knows whether the gateway has it: ask before asking for it again.
        payment = TRY(ask(payment));
        // It has come to nothing: this call is for another.
        if (payment.status == PaymentStatus::failed) {
            return start(gateway_id, payer_ip, check);
        }
        if (!payment.is_open()) return start_of(payment);
    }

    const PaymentRequest request{
        .payment = payment.id,
        .amount = payment.amount,
        .description = description,
        .notify_url =
            urls_.public_url.empty() ? "" : urls_.public_url + "/payment/callback/" + gateway_id,
        .return_url = urls_.return_url,
        .payer_ip = payer_ip};
    ports_.faults.reached("before-call:create_payment");
    const auto answer = gateway->create_payment(request);
    ports_.faults.reached("after-call:create_payment");
    const auto recorded = TRY(record_answer(payment.id, answer));
    if (answer.has_error() && !recorded.has_succeeded()) {
        if (is_unknown(answer.error().code)) return under_way();
        return answer.error();
    }
    return start_of(recorded);
}

Result<Payment> PaymentService::record_answer(PaymentId id,
                                              const Result<PaymentInstructions>& answer) {
    return in_transaction(ports_.database, "record_payment_answer",
                          [&](UnitOfWork& unit) -> Result<Payment> {
                              auto payment = TRY(unit.payments().find_for_update(id));
                              if (!payment) return no_such_payment();
                              // The callback may have been faster than the answer.
                              if (!payment->is_open()) return *payment;
                              payment->updated_at = ports_.clock.now();
                              if (answer.has_value()) {
                                  payment->status = PaymentStatus::pending;
                                  payment->gateway_payment_id = answer->gateway_payment_id;
                                  payment->payment_url = answer->payment_url;
                                  payment->qr_text = answer->qr_text;
                                  payment->instructions = answer->instructions;
                              } else if (is_unknown(answer.error().code)) {
                                  payment->status = PaymentStatus::unknown;
                                  payment->failure_reason = answer.error().message;
                              } else {
                                  payment->status = PaymentStatus::failed;
                                  payment->failure_reason = answer.error().message;
                                  payment->next_query_at.reset();
                              }
                              TRY(unit.payments().save(*payment));
                              return *payment;
                          });
}

Result<PaymentStart> PaymentService::recharge(const Actor& actor,
                                              std::optional<CustomerId> customer, Money amount,
                                              const std::string& gateway_id,
                                              const std::string& payer_ip,
                                              const std::optional<std::string>& idempotency_key) {
    const auto owner = actor.is_staff() ? customer.value_or(CustomerId()) : actor.customer;
    if (customer && !actor.may_see(*customer)) {
        return Error{ErrorCode::not_found, "there is no such customer"};
    }
    if (amount.minor_units() < limits::recharge_minor_units_min) {
        const Money least(limits::recharge_minor_units_min, amount.currency());
        return invalid_field("amount", "must be at least " + least.to_string());
    }
    if (gateway_id.empty() || gateway_id == balance_gateway) {
        return invalid_field("gateway_id", "must name a payment method other than the balance");
    }
    return start(gateway_id, payer_ip, [&](UnitOfWork& unit) -> Result<Target> {
        const auto account = TRY(unit.ledger().find_account_later(owner).get());
        if (!account) return Error{ErrorCode::not_found, "there is no such customer"};
        if (!account->is_active) {
            return Error{ErrorCode::failed_precondition, "the account is closed"};
        }
        if (account->balance.currency() != amount.currency()) {
            return invalid_field("amount", "must be in the account's currency");
        }
        return Target{.customer = owner,
                      .purpose = PaymentPurpose::recharge,
                      .amount = amount,
                      .description = "RustBill recharge",
                      .idempotency_key = idempotency_key};
    });
}

Result<Payment> PaymentService::find(const Actor& actor, PaymentId id) {
    auto unit = TRY(ports_.database.read());
    auto payment = TRY(unit->payments().find(id));
    if (!payment || !actor.may_see(payment->customer)) return no_such_payment();
    return *payment;
}

Result<Page<Payment>> PaymentService::list(const Actor& actor, PaymentFilter filter,
                                           PageRequest page) {
    if (!actor.is_staff()) filter.customer = actor.customer;
    auto unit = TRY(ports_.database.read());
    return unit->payments().list(filter, page);
}

Result<Payment> PaymentService::confirm(const Actor& actor, PaymentId id, Money amount,
                                        std::string reference) {
    ASSERT(actor.is_staff());
    TRY(check_text(
        reference,
        {.field = "reference", .chars_min = 1, .chars_max = limits::reference_chars_max}));
    // Looking a gateway up may compile its script: not while the payment is locked.
    const auto gateway = ports_.plugins.find_gateway(TRY(find(actor, id)).gateway_id);
    return in_transaction(
        ports_.database, "confirm_payment", [&](UnitOfWork& unit) -> Result<Payment> {
            auto locked = TRY(lock_payment(unit, id));
            if (!locked) return no_such_payment();
            auto& payment = locked->payment;
            if (payment.has_succeeded()) {
                if (payment.gateway_tx_id == reference) return payment;
                return Error{ErrorCode::illegal_transition, "the payment has succeeded already"};
            }
            if (gateway.has_error()) return gateway.error();
            if (!(*gateway)->capabilities().contains(GatewayCapability::manual_confirmation)) {
                return Error{ErrorCode::failed_precondition,
                             "this payment method reports by itself what was paid"};
            }
            if (amount.currency() != payment.amount.currency() || amount != payment.amount) {
                return Error{ErrorCode::amount_mismatch,
                             "amount: must be what was asked for, " + payment.amount.to_string(),
                             "amount"};
            }
            const auto now = ports_.clock.now();
            Changes changes;
            note_change(changes, "status", std::string(name_of(payment.status)), "success");
            note_change(changes, "reference", payment.gateway_tx_id, reference);
            TRY(apply_paid(unit, settlement(), *locked, reference, now));
            TRY(unit.operation_log().append({.id = ports_.ids.next_id<OperationId>(),
                                             .by = ActorStamp::of(actor),
                                             .customer = payment.customer,
                                             .action = "payment.confirm",
                                             .object_type = "payment",
                                             .object_id = id.to_string(),
                                             .changes = std::move(changes),
                                             .at = now}));
            return payment;
        });
}

Result<Payment> PaymentService::query(const Actor& actor, PaymentId id) {
    const auto payment = TRY(find(actor, id));
    if (!payment.is_open()) return payment;
    return ask(payment);
}

Result<Payment> PaymentService::ask(const Payment& payment) {
    const auto gateway = ports_.plugins.find_gateway(payment.gateway_id);
    if (gateway.has_error()) return apply_query(payment.id, gateway.error());
    if (!(*gateway)->capabilities().contains(GatewayCapability::query)) {
        // Only an administrator knows; there is nobody to ask.
        return apply_query(payment.id, GatewayPayment{.state = GatewayPaymentState::not_found,
                                                      .gateway_tx_id = {},
                                                      .amount = {}});
    }
    return apply_query(payment.id, (*gateway)->query(payment.ref()));
}

Result<Payment> PaymentService::apply_query(PaymentId id, const Result<GatewayPayment>& answer) {
    std::optional<Error> mismatch;
    auto applied =
        in_transaction(ports_.database, "apply_query", [&](UnitOfWork& unit) -> Result<Payment> {
            mismatch.reset();
            auto locked = TRY(lock_payment(unit, id));
            if (!locked) return no_such_payment();
            auto& payment = locked->payment;
            if (!payment.is_open()) return payment;
            const auto now = ports_.clock.now();
            if (answer.has_value() && answer->state == GatewayPaymentState::paid) {
                const bool is_wrong =
                    answer->amount && (answer->amount->currency() != payment.amount.currency() ||
                                       *answer->amount != payment.amount);
                if (!is_wrong) {
                    TRY(apply_paid(unit, settlement(), *locked, answer->gateway_tx_id, now));
                    return payment;
                }
                mismatch = Error{ErrorCode::amount_mismatch,
                                 "the gateway reports another amount than was asked for"};
                payment.failure_reason = mismatch->message;
            }
            schedule_next_query(payment, now);
            if (answer.has_value() && answer->state == GatewayPaymentState::failed) {
                payment.status = PaymentStatus::failed;
                payment.failure_reason = "the gateway reports that it failed";
                payment.next_query_at.reset();
            } else if (answer.has_value() && answer->state == GatewayPaymentState::pending) {
                payment.status = PaymentStatus::pending;
            }
            if (payment.is_open() && is_over(payment, answer, now)) {
                payment.status = PaymentStatus::failed;
                payment.failure_reason = "it was not paid";
                payment.next_query_at.reset();
            }
            TRY(unit.payments().save(payment));
            return payment;
        });
    if (mismatch) {
        ports_.log.error(payment_log_target, "a gateway reports another amount than was asked for",
                         {{"payment_id", id.to_string()}});
        return *mismatch;
    }
    if (applied.has_value() && answer.has_error()) return answer.error();
    return applied;
}

void PaymentService::schedule_next_query(Payment& payment, Timestamp now) {
    const int doublings = std::min(payment.query_attempts, 10);
    const auto wait = std::min<std::chrono::seconds>(limits::payment_query_first * (1 << doublings),
                                                     limits::payment_query_interval_max);
    ++payment.query_attempts;
    payment.next_query_at = now + wait;
    payment.updated_at = now;
}

Result<PaymentPoll> PaymentService::poll_due(int limit) {
    const auto due =
        TRY(in_transaction(ports_.database, "lease_due_payments",
                           [&](UnitOfWork& unit) -> Result<std::vector<PaymentId>> {
                               return unit.payments().lease_due(ports_.clock.now(),
                                                                limits::payment_query_lease, limit);
                           }));
    PaymentPoll poll;
    for (const auto id : due) {
        ++poll.asked;
        const auto asked = query(Actor::system(), id);
        if (asked.has_error()) {
            ++poll.failed;
            ports_.log.warn(payment_log_target, "a payment could not be looked up",
                            {{"payment_id", id.to_string()}, {"error", asked.error().message}});
        } else if (!asked->is_open()) {
            ++poll.settled;
        }
    }
    return poll;
}

}  // namespace rb::core
