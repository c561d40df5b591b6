// The use cases of payments: starting them, hearing of them, asking about them, giving back.
// Thread-safe; holds no state.
//
// The rule of every call that talks to a gateway: what is about to be done is committed first, then
// the gateway is called without a transaction, then the answer is committed. Whatever dies in
// between is settled by the poller (architecture, decision 7).

#pragma once

#include "core/billing/invoice_settlement.hpp"
#include "core/identity/actor.hpp"
#include "core/payment/payment.hpp"
#include "core/payment/payment_store.hpp"
#include "core/payment/settlement.hpp"
#include "core/plugin/plugin_directory.hpp"
#include "core/ports/clock.hpp"
#include "core/ports/fault_point.hpp"
#include "core/ports/id_source.hpp"
#include "core/ports/log.hpp"
#include "core/unit_of_work.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace rb::core {

struct PaymentStart {
    PaymentId payment;
    std::string gateway_id;
    // Empty for a payment from the balance.
    PaymentInstructions instructions;
    PaymentStatus status = PaymentStatus::pending;
};

struct PaymentUrls {
    // "https://shop.example": gateways report to <public_url>/payment/callback/<gateway id>.
    // Empty when the server's public address is not configured.
    std::string public_url = {};
    std::string return_url = {};
};

struct PaymentPoll {
    int asked = 0;
    int settled = 0;
    int failed = 0;
};

class PaymentService {
public:
    // All must outlive it.
    struct Ports {
        Database& database;
        PluginDirectory& plugins;
        InvoiceSettlement& invoices;
        const Clock& clock;
        IdSource& ids;
        FaultPoint& faults;
        Log& log;
    };
    PaymentService(Ports ports, PaymentUrls urls);

    // What a gateway payment is for, made under the caller's locks.
    struct Target {
        CustomerId customer;
        PaymentPurpose purpose = PaymentPurpose::order;
        std::optional<OrderId> order = {};
        std::optional<InvoiceId> invoice = {};
        Money amount;
        std::string description = {};
        std::optional<std::string> idempotency_key = {};
    };
    // `check` runs inside the transaction that inserts the payment; it locks what is to be paid and
    // says whether it still may be. Answers the attempt under way, or of the same idempotency key,
    // when there is one.
    // ERRORS: those of `check`; not_found gateway_id; idempotency_conflict; outcome_unknown;
    // plugin_refused; plugin_failed
    using TargetCheck = std::function<Result<Target>(UnitOfWork&)>;
    Result<PaymentStart> start(const std::string& gateway_id, const std::string& payer_ip,
                               const TargetCheck& check);

    // At least 10.00; the money is on the balance once the gateway has confirmed it. A repeat with
    // the same idempotency key answers the first payment, whatever became of it.
    // ERRORS: as start; not_found; invalid_argument  amount, gateway_id; failed_precondition
    //         the account is closed
    Result<PaymentStart> recharge(const Actor& actor, std::optional<CustomerId> customer,
                                  Money amount, const std::string& gateway_id,
                                  const std::string& payer_ip,
                                  const std::optional<std::string>& idempotency_key = {});

    // ERRORS: not_found  no such payment, or it is not the actor's
    Result<Payment> find(const Actor& actor, PaymentId id);
    Result<Page<Payment>> list(const Actor& actor, PaymentFilter filter, PageRequest page);

    // A callback over HTTP: stored raw in its own commit, then understood, then applied. Always
    // answers what the gateway wants to hear; an internal failure answers 500, so that it is sent
    // again. What is for no gateway is answered 404 and not stored. Of those that could not be
    // verified limits::unverified_callbacks_max are kept for each gateway; past that it is verified
    // before it is stored, and not stored when it cannot be. A disabled gateway's is stored, not
    // applied, and answered 500: replay it, or let it come again, once the gateway is enabled.
    CallbackReply receive_callback(const std::string& gateway_id, const RawCallback& callback,
                                   const std::string& peer);
    // Staff. Understands and applies a stored one anew; harmless when it was applied.
    Result<StoredCallback> replay_callback(const Actor& actor, CallbackId id);
    Result<Page<StoredCallback>> list_callbacks(const Actor& actor, const CallbackFilter& filter,
                                                PageRequest page);

    // Staff: the money of a gateway with manual_confirmation was seen at the bank.
    // ERRORS: not_found; amount_mismatch; already_exists  the reference confirmed another payment
    Result<Payment> confirm(const Actor& actor, PaymentId id, Money amount, std::string reference);

    // Asks the gateway what became of an open payment, and applies it. One that nobody has finished
    // in limits::payment_open_max, or that the gateway never heard of, is `failed` then.
    Result<Payment> query(const Actor& actor, PaymentId id);
    // The same for all that are due; one failure stops no other.
    Result<PaymentPoll> poll_due(int limit);

    struct RefundRequest {
        std::optional<Money> amount = {};
        RefundDestination destination = RefundDestination::gateway;
        std::string reason = {};
        std::optional<std::string> idempotency_key = {};
    };
    // Staff. To the balance: done when this returns. Through the gateway: on its way, paid out by a
    // worker.
    // ERRORS: not_found; failed_precondition  it did not succeed, or less is left; unsupported;
    //         idempotency_conflict  the key was used for another amount or destination
    Result<Payment> refund(const Actor& actor, PaymentId id, const RefundRequest& request);
    // The worker's part: pays a pending refund out through its gateway. Safe to repeat: the
    // refund's id is the gateway's idempotency key. ERRORS: as plugin_call.hpp; on plugin_refused
    // the refund is `failed` and its reserve is freed
    Result<> pay_out(RefundId id);

private:
    Result<std::shared_ptr<Gateway>> find_gateway(const std::string& id);
    struct Attempt {
        Payment payment;
        std::string description;
        bool is_new = true;
    };
    Result<Attempt> open_attempt(const std::string& gateway_id, const TargetCheck& check);
    Result<Payment> record_answer(PaymentId id, const Result<PaymentInstructions>& answer);

    Result<StoredCallback> understand(StoredCallback callback,
                                      const Result<CallbackGateway>& gateway, CallbackReply& reply);
    // Nothing when it was not worth storing.
    Result<std::optional<StoredCallback>> understand_unstored(
        StoredCallback callback, const Result<CallbackGateway>& gateway, CallbackReply& reply);
    Result<StoredCallback> follow(StoredCallback callback, bool is_enabled,
                                  const CallbackReading& reading, CallbackReply& reply);
    // Says so in the log, once for each window.
    Result<> note_flood(const std::string& gateway_id);
    Result<StoredCallback> apply_callback(StoredCallback callback, const CallbackReading& reading);
    Result<StoredCallback> save_outcome(StoredCallback callback);

    Result<Payment> ask(const Payment& payment);
    Result<Payment> apply_query(PaymentId id, const Result<GatewayPayment>& answer);
    static void schedule_next_query(Payment& payment, Timestamp now);

    Result<> record_pay_out(RefundId id, const Result<GatewayRefund>& answer);

    // What apply_paid needs of the ports.
    [[nodiscard]] SettlementPorts settlement() const;

    const Ports ports_;
    const PaymentUrls urls_;
    const MoneyNotices notices_;
};

}  // namespace rb::core
