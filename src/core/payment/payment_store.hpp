// The ports to payments, refunds and callbacks. Calls act inside the UnitOfWork the store was taken
// from and must not outlive it.

#pragma once

#include "base/result.hpp"

#include "core/page.hpp"
#include "core/payment/callback.hpp"
#include "core/payment/payment.hpp"

#include <optional>
#include <string_view>
#include <vector>

namespace rb::core {

struct PaymentFilter {
    std::optional<CustomerId> customer = {};
    std::optional<OrderId> order = {};
    std::optional<InvoiceId> invoice = {};
    std::optional<std::string> gateway_id = {};
    std::optional<PaymentStatus> status = {};
};

// What insert_event found: `of_another` was told of another payment before.
enum class EventIs { first, repeated, of_another };

class PaymentStore {
public:
    virtual ~PaymentStore() = default;

    // ERRORS: conflict  an attempt for the same order or invoice at that gateway is open, or one
    //                   of the same idempotency key was made meanwhile; at the latest at commit
    virtual Result<> insert(const Payment& payment) = 0;
    virtual Result<std::optional<Payment>> find(PaymentId id) = 0;
    // Locked until the unit ends.
    virtual Result<std::optional<Payment>> find_for_update(PaymentId id) = 0;
    virtual Result<std::optional<Payment>> find_by_key(CustomerId customer,
                                                       std::string_view idempotency_key) = 0;
    // All that may change. REQUIRES: read with find_for_update
    // ERRORS: illegal_transition; already_exists  gateway_tx_id settles another payment: at the
    //         latest at commit
    virtual Result<> save(const Payment& payment) = 0;
    // All of an order or of an invoice, oldest first, locked until the unit ends.
    virtual Result<std::vector<Payment>> list_of_order(OrderId order) = 0;
    virtual Result<std::vector<Payment>> list_of_invoice(InvoiceId invoice) = 0;
    // Whether money for the invoice may be on its way: nothing is suspended while it is.
    virtual Result<bool> has_in_flight_for_invoice(InvoiceId invoice) = 0;
    // Newest first.
    virtual Result<Page<Payment>> list(const PaymentFilter& filter, PageRequest page) = 0;
    // Open ones whose next query is due, and moves that due time on by `lease`, so that two pollers
    // do not ask for the same.
    virtual Result<std::vector<PaymentId>> lease_due(Timestamp now, std::chrono::seconds lease,
                                                     int limit) = 0;
    // What a gateway told, once for each (gateway, external id, kind), which makes the repeat
    // harmless. `amount`: what it named, if it named any.
    virtual Result<EventIs> insert_event(const Payment& payment, std::string_view external_id,
                                         CallbackKind kind, std::optional<Money> amount,
                                         std::optional<CallbackId> callback, Timestamp now) = 0;
};

class RefundStore {
public:
    virtual ~RefundStore() = default;

    virtual Result<> insert(const Refund& refund) = 0;
    virtual Result<std::optional<Refund>> find(RefundId id) = 0;
    virtual Result<std::optional<Refund>> find_for_update(RefundId id) = 0;
    virtual Result<std::optional<Refund>> find_by_key(std::string_view key) = 0;
    // Status, gateway_refund_id, reason.
    virtual Result<> save(const Refund& refund) = 0;
};

struct CallbackFilter {
    std::optional<std::string> gateway_id = {};
    std::optional<CallbackOutcome> outcome = {};
};

class CallbackStore {
public:
    virtual ~CallbackStore() = default;

    virtual Result<> insert(const StoredCallback& callback) = 0;
    // Unless `unverified_max` callbacks of its gateway that were received after `since` are not
    // verified: then false, and nothing is stored. Those that are being inserted at this moment do
    // not see each other, so it may be a few more.
    virtual Result<bool> insert_within(const StoredCallback& callback, Timestamp since,
                                       int unverified_max) = 0;
    // That insert_within refused one of this gateway. False when that was noted after `since`.
    virtual Result<bool> note_flood(std::string_view gateway_id, Timestamp now,
                                    Timestamp since) = 0;
    virtual Result<std::optional<StoredCallback>> find(CallbackId id) = 0;
    // Outcome, reason, payment, and that it is verified; counts one more attempt.
    virtual Result<> save_outcome(const StoredCallback& callback, Timestamp now) = 0;
    virtual Result<Page<StoredCallback>> list(const CallbackFilter& filter, PageRequest page) = 0;
    // Forgets this duplicate when more than `kept_max` duplicates of its payment are stored, it
    // included, and no event of the payment names it.
    // REQUIRES: its outcome was saved in this unit, where its payment is locked
    virtual Result<> remove_repeat(const StoredCallback& callback, int kept_max) = 0;
    // Up to `limit` that were received before that time, rejected, and not verified; returns how
    // many. All others stay for good.
    virtual Result<int> remove_rejected(Timestamp before, int limit) = 0;
};

}  // namespace rb::core
