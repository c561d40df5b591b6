// PaymentService's part that hears from gateways: store raw, understand, apply once.
//
// Anybody can send a callback. One for what is no gateway is not stored; of those that cannot be
// verified so many are, for each gateway, that their cause can be found and the disk not be filled;
// and so many repeats of each payment's, for a payer may hold a genuine one.

#include "core/ledger/ledger_store.hpp"
#include "core/limits.hpp"
#include "core/order/order_store.hpp"
#include "core/payment/bookkeeping.hpp"
#include "core/payment/payment_service.hpp"
#include "core/payment/settlement.hpp"
#include "core/text.hpp"

namespace rb::core {
namespace {

constexpr std::string_view callback_log_target = "rustbill_server::payment_callback";

CallbackReply reply_of(int status, std::string body) {
    return {.status = status, .content_type = "text/plain", .body = std::move(body)};
}

CallbackReply try_again() {
    return reply_of(500, "try again");
}

CallbackReply no_such_gateway() {
    return reply_of(404, "no such gateway");
}

// Whether the plugin's answer is a definite no, as for what is forged.
bool is_no_callback(const Error& error) {
    return error.code == ErrorCode::plugin_refused || error.code == ErrorCode::invalid_argument ||
           error.code == ErrorCode::unsupported;
}

// What the database takes as text: bytes that are no UTF-8, and NUL, become %XX.
std::string storable(const std::string& text) {
    if (count_characters(text) && text.find('\0') == std::string::npos) return text;
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string stored;
    for (const char character : text) {
        const auto byte = static_cast<unsigned char>(character);
        if (byte >= 0x20 && byte < 0x7f) {
            stored += character;
            continue;
        }
        stored += '%';
        stored += digits[byte >> 4];
        stored += digits[byte & 15];
    }
    return stored;
}

RawCallback storable(const RawCallback& raw) {
    RawCallback stored{.method = storable(raw.method),
                       .path = storable(raw.path),
                       .query = storable(raw.query),
                       .headers = {},
                       .body = raw.body};
    for (const auto& [name, value] : raw.headers) {
        stored.headers.emplace(storable(name), storable(value));
    }
    return stored;
}

struct Verdict {
    CallbackOutcome outcome;
    std::string reason;
    // Money has moved at the gateway in a way that people must look at.
    bool is_for_people = false;
};

Verdict rejected(std::string reason) {
    return {CallbackOutcome::rejected, std::move(reason)};
}

// What must hold before a callback may touch anything: it names a payment of this gateway, and the
// amount and currency that we asked for.
std::optional<Verdict> find_mismatch(const CallbackReading& reading, const std::string& gateway_id,
                                     const Payment& payment) {
    if (payment.gateway_id != gateway_id) return rejected("the payment is another gateway's");
    if (reading.external_id.empty()) return rejected("it has no id of its own");
    if (reading.kind == CallbackKind::failed) return std::nullopt;
    if (!reading.amount) return rejected("it names no amount");
    if (reading.amount->currency() != payment.amount.currency()) {
        return rejected("the currency is not the payment's");
    }
    const bool is_whole = reading.kind == CallbackKind::paid;
    if (is_whole ? *reading.amount != payment.amount : *reading.amount > payment.amount) {
        return rejected("the amount is not the payment's");
    }
    return std::nullopt;
}

// The gateway has taken the money back: it is booked, and nothing else happens by itself.
Result<Verdict> apply_charge_back(UnitOfWork& unit, IdSource& ids, LockedPayment& locked,
                                  const CallbackReading& reading, Timestamp now) {
    auto& payment = locked.payment;
    const auto taken = std::min(*reading.amount, payment.refundable());
    if (!payment.has_succeeded() || !taken.is_positive()) {
        return Verdict{CallbackOutcome::ignored, "there is no money of it left to take back",
                       payment.has_succeeded()};
    }
    const auto credited = TRY(unit.ledger().credited_by_payment(payment.id.to_string()));
    auto* order =
        locked.order && credited != LedgerAccount::customer_balance ? &*locked.order : nullptr;
    reserve_refund(payment, order, taken, now);
    if (payment.refundable().is_zero()) payment.status = PaymentStatus::refunded;
    const Refund refund{
        .id = ids.next_id<RefundId>(),
        .customer = payment.customer,
        .payment = payment.id,
        .order = order == nullptr ? std::nullopt : payment.order,
        .destination = RefundDestination::gateway,
        .amount = taken,
        .status = RefundStatus::success,
        .gateway_refund_id = reading.external_id,
        .reason = "charged back",
        .idempotency_key = "charge-back:" + payment.gateway_id + ":" + reading.external_id,
        .created_at = now,
        .updated_at = now};
    TRY(book_refund(unit, ids, payment, refund, now));
    TRY(unit.payments().save(payment));
    TRY(unit.refunds().insert(refund));
    if (order != nullptr) TRY(unit.orders().save(*order));
    return Verdict{CallbackOutcome::applied, "charged back: " + taken.to_string(), true};
}

Result<Verdict> apply_once(UnitOfWork& unit, const SettlementPorts& ports, LockedPayment& locked,
                           const CallbackReading& reading, Timestamp now) {
    auto& payment = locked.payment;
    switch (reading.kind) {
        case CallbackKind::paid: {
            if (payment.has_succeeded()) {
                const bool is_same = reading.gateway_tx_id.empty() ||
                                     payment.gateway_tx_id.empty() ||
                                     reading.gateway_tx_id == payment.gateway_tx_id;
                if (is_same) return Verdict{CallbackOutcome::duplicate, ""};
                return Verdict{CallbackOutcome::ignored,
                               "the payment succeeded with another transaction: paid twice?", true};
            }
            const auto applied = TRY(apply_paid(unit, ports, locked, reading.gateway_tx_id, now));
            return Verdict{CallbackOutcome::applied,
                           applied == Applied::to_balance ? "put on the balance" : ""};
        }
        case CallbackKind::failed: {
            // Events come in any order: a late "failed" never turns back what succeeded.
            if (!payment.is_open()) return Verdict{CallbackOutcome::ignored, "it is settled"};
            payment.status = PaymentStatus::failed;
            payment.failure_reason = "the gateway reports that it failed";
            payment.next_query_at.reset();
            payment.updated_at = now;
            TRY(unit.payments().save(payment));
            return Verdict{CallbackOutcome::applied, ""};
        }
        case CallbackKind::charged_back:
            return apply_charge_back(unit, ports.ids, locked, reading, now);
        case CallbackKind::refunded:
            // Our own refunds are settled by the worker that asked for them.
            return Verdict{CallbackOutcome::ignored, "noted"};
        case CallbackKind::ignored:
            break;
    }
    return Verdict{CallbackOutcome::ignored, ""};
}

}  // namespace

Result<StoredCallback> PaymentService::save_outcome(StoredCallback callback) {
    return in_transaction(ports_.database, "record_callback_outcome",
                          [&](UnitOfWork& unit) -> Result<StoredCallback> {
                              TRY(unit.callbacks().save_outcome(callback, ports_.clock.now()));
                              return callback;
                          });
}

Result<StoredCallback> PaymentService::apply_callback(StoredCallback callback,
                                                      const CallbackReading& reading) {
    bool is_for_people = false;
    auto applied = in_transaction(
        ports_.database, "apply_callback", [&](UnitOfWork& unit) -> Result<StoredCallback> {
            is_for_people = false;
            auto result = callback;
            const auto now = ports_.clock.now();
            const auto conclude = [&](Verdict verdict) -> Result<StoredCallback> {
                result.outcome = verdict.outcome;
                result.outcome_reason = std::move(verdict.reason);
                TRY(unit.callbacks().save_outcome(result, now));
                if (result.outcome == CallbackOutcome::duplicate) {
                    TRY(unit.callbacks().remove_repeat(result, limits::duplicate_callbacks_max));
                }
                return result;
            };
            auto locked = TRY(lock_payment(unit, reading.payment));
            if (!locked) return conclude(rejected("there is no such payment"));
            result.payment = locked->payment.id;
            if (auto mismatch = find_mismatch(reading, callback.gateway_id, locked->payment)) {
                return conclude(std::move(*mismatch));
            }
            const auto event =
                TRY(unit.payments().insert_event(locked->payment, reading.external_id, reading.kind,
                                                 reading.amount, callback.id, now));
            if (event == EventIs::of_another) {
                return conclude(rejected("its id was told of another payment"));
            }
            if (event == EventIs::repeated) return conclude({CallbackOutcome::duplicate, ""});
            auto verdict = TRY(apply_once(unit, settlement(), *locked, reading, now));
            is_for_people = verdict.is_for_people;
            if (is_for_people) {
                TRY(notices_.needs_attention(unit, locked->payment, verdict.reason,
                                             reading.external_id, now));
            }
            return conclude(std::move(verdict));
        });
    if (applied.has_value() && is_for_people) {
        ports_.log.error(callback_log_target, "a payment needs people to look at it",
                         {{"payment_id", reading.payment.to_string()},
                          {"gateway_id", callback.gateway_id},
                          {"reason", applied->outcome_reason}});
    }
    // The transaction at the gateway settles another payment: the unique index refused it.
    if (applied.has_error() && applied.error().code == ErrorCode::already_exists) {
        callback.outcome = CallbackOutcome::rejected;
        callback.outcome_reason = applied.error().message;
        callback.payment = reading.payment;
        return save_outcome(std::move(callback));
    }
    return applied;
}

// `reply` is what the gateway shall hear; on an error it is to send the callback again.
Result<StoredCallback> PaymentService::understand(StoredCallback callback,
                                                  const Result<CallbackGateway>& gateway,
                                                  CallbackReply& reply) {
    const auto conclude = [&](CallbackOutcome outcome, std::string reason, CallbackReply answer) {
        callback.outcome = outcome;
        callback.outcome_reason = std::move(reason);
        reply = std::move(answer);
        return save_outcome(std::move(callback));
    };
    if (gateway.has_error()) {
        const bool is_absent = gateway.error().code == ErrorCode::not_found;
        return conclude(is_absent ? CallbackOutcome::rejected : CallbackOutcome::received,
                        gateway.error().message, is_absent ? no_such_gateway() : try_again());
    }
    const auto reading = gateway->gateway->read_callback(callback.raw);
    if (reading.has_error()) {
        const bool is_refused = is_no_callback(reading.error());
        return conclude(is_refused ? CallbackOutcome::rejected : CallbackOutcome::received,
                        reading.error().message,
                        is_refused ? reply_of(400, "rejected") : try_again());
    }
    callback.is_verified = true;
    return follow(std::move(callback), gateway->is_enabled, *reading, reply);
}

Result<StoredCallback> PaymentService::follow(StoredCallback callback, bool is_enabled,
                                              const CallbackReading& reading,
                                              CallbackReply& reply) {
    if (reading.kind == CallbackKind::ignored) {
        callback.outcome = CallbackOutcome::ignored;
        callback.outcome_reason.clear();
        reply = reading.accepted_reply;
        return save_outcome(std::move(callback));
    }
    // Money may be in it, so it is kept; but who disabled the gateway wants nothing of it applied.
    if (!is_enabled) {
        callback.outcome = CallbackOutcome::received;
        callback.outcome_reason = "the gateway is disabled; enable it and replay this";
        reply = try_again();
        return save_outcome(std::move(callback));
    }
    auto applied = TRY(apply_callback(std::move(callback), reading));
    reply = applied.outcome == CallbackOutcome::rejected ? reading.rejected_reply
                                                         : reading.accepted_reply;
    if (applied.outcome == CallbackOutcome::rejected && reply.status == 200 && reply.body.empty()) {
        reply = reply_of(400, "rejected");
    }
    return applied;
}

// So many callbacks of this gateway could not be verified that no more of them are kept: verified
// first, stored if genuine.
Result<std::optional<StoredCallback>> PaymentService::understand_unstored(
    StoredCallback callback, const Result<CallbackGateway>& gateway, CallbackReply& reply) {
    reply = try_again();
    TRY(note_flood(callback.gateway_id));
    if (gateway.has_error()) return std::optional<StoredCallback>();
    const auto reading = gateway->gateway->read_callback(callback.raw);
    if (reading.has_error()) {
        if (is_no_callback(reading.error())) reply = reply_of(400, "rejected");
        return std::optional<StoredCallback>();
    }
    callback.is_verified = true;
    TRY(in_transaction(ports_.database, "store_callback", [&](UnitOfWork& unit) -> Result<bool> {
        TRY(unit.callbacks().insert(callback));
        return true;
    }));
    return std::optional(TRY(follow(std::move(callback), gateway->is_enabled, *reading, reply)));
}

Result<> PaymentService::note_flood(const std::string& gateway_id) {
    const auto now = ports_.clock.now();
    const bool is_news = TRY(in_transaction(
        ports_.database, "note_callback_flood", [&](UnitOfWork& unit) -> Result<bool> {
            return unit.callbacks().note_flood(gateway_id, now,
                                               now - limits::unverified_callbacks_window);
        }));
    if (!is_news) return {};
    ports_.log.error(callback_log_target,
                     "too many callbacks of a gateway could not be verified: no more are kept",
                     {{"gateway_id", gateway_id},
                      {"kept", limits::unverified_callbacks_max},
                      {"window_hours", limits::unverified_callbacks_window.count()}});
    return {};
}

CallbackReply PaymentService::receive_callback(const std::string& gateway_id,
                                               const RawCallback& raw, const std::string& peer) {
    if (raw.body.size() > limits::callback_body_bytes_max) return reply_of(413, "too large");
    const auto gateway = ports_.plugins.find_gateway_for_callback(gateway_id);
    if (gateway.has_error() && gateway.error().code == ErrorCode::not_found) {
        return no_such_gateway();
    }
    const auto now = ports_.clock.now();
    StoredCallback callback{.id = ports_.ids.next_id<CallbackId>(),
                            .gateway_id = storable(gateway_id),
                            .raw = storable(raw),
                            .peer = peer,
                            .received_at = now};
    const auto stored =
        in_transaction(ports_.database, "store_callback", [&](UnitOfWork& unit) -> Result<bool> {
            return unit.callbacks().insert_within(callback,
                                                  now - limits::unverified_callbacks_window,
                                                  limits::unverified_callbacks_max);
        });
    if (stored.has_error()) {
        ports_.log.error(callback_log_target, "a callback could not be stored",
                         {{"gateway_id", gateway_id}, {"error", stored.error().message}});
        return try_again();
    }
    auto reply = try_again();
    const auto id = callback.id;
    const auto understood = [&]() -> Result<std::optional<StoredCallback>> {
        if (!*stored) return understand_unstored(std::move(callback), gateway, reply);
        return std::optional(TRY(understand(std::move(callback), gateway, reply)));
    }();
    if (understood.has_error()) {
        ports_.log.error(callback_log_target, "a callback could not be applied",
                         {{"callback_id", id.to_string()},
                          {"gateway_id", gateway_id},
                          {"error", understood.error().message},
                          {"detail", understood.error().detail}});
        return try_again();
    }
    const auto& kept = *understood;
    if (kept && kept->outcome == CallbackOutcome::rejected) {
        ports_.log.error(callback_log_target, "a callback was rejected",
                         {{"callback_id", id.to_string()},
                          {"gateway_id", gateway_id},
                          {"reason", kept->outcome_reason}});
    }
    return reply;
}

Result<StoredCallback> PaymentService::replay_callback(const Actor& actor, CallbackId id) {
    ASSERT(actor.is_staff());
    auto unit = TRY(ports_.database.read());
    auto callback = TRY(unit->callbacks().find(id));
    unit.reset();
    if (!callback) return Error{ErrorCode::not_found, "there is no such callback"};
    CallbackReply unheard;
    const auto gateway = ports_.plugins.find_gateway_for_callback(callback->gateway_id);
    auto understood = TRY(understand(*callback, gateway, unheard));
    // What was applied once stays so on record.
    if (callback->outcome == CallbackOutcome::applied) {
        understood.outcome = callback->outcome;
        understood.outcome_reason = callback->outcome_reason;
    }
    understood.attempts = callback->attempts + 1;
    return understood;
}

Result<Page<StoredCallback>> PaymentService::list_callbacks(const Actor& actor,
                                                            const CallbackFilter& filter,
                                                            PageRequest page) {
    ASSERT(actor.is_staff());
    auto unit = TRY(ports_.database.read());
    return unit->callbacks().list(filter, page);
}

}  // namespace rb::core
