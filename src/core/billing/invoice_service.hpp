// The use cases of invoices: look, draft, issue, pay, cancel. Thread-safe; holds no state.

#pragma once

#include "base/result.hpp"

#include "core/billing/invoice.hpp"
#include "core/billing/invoice_store.hpp"
#include "core/identity/actor.hpp"
#include "core/payment/payment_service.hpp"
#include "core/ports/clock.hpp"
#include "core/ports/id_source.hpp"
#include "core/unit_of_work.hpp"

#include <optional>
#include <string>
#include <vector>

namespace rb::core {

// The gateway_id of money that came in outside of any gateway; no interface may have it.
inline constexpr std::string_view manual_gateway = "manual";

struct NewInvoice {
    CustomerId customer;
    std::vector<InvoiceItem> items;
    std::optional<Timestamp> period_start = {};
    std::optional<Timestamp> period_end = {};
    std::optional<Timestamp> due_date = {};
    std::string notes = {};
};

struct InvoicePayment {
    Invoice invoice;
    PaymentStart payment;
};

class InvoiceService {
public:
    // All must outlive it.
    struct Ports {
        Database& database;
        PaymentService& payments;
        InvoiceSettlement& settlement;
        const Clock& clock;
        IdSource& ids;
    };
    explicit InvoiceService(Ports ports) : ports_(ports) {}

    // A customer sees his own, without drafts.
    Result<Page<Invoice>> list(const Actor& actor, InvoiceFilter filter, PageRequest page);
    // ERRORS: not_found  also when it is somebody else's, or a draft to a customer
    Result<Invoice> get(const Actor& actor, InvoiceId id);

    // Staff. Writes a draft.
    // ERRORS: invalid_argument  names the item and the rule; not_found  customer_id
    Result<Invoice> create(const Actor& actor, const NewInvoice& request);
    // Staff. Numbers and freezes it; due in a week unless the draft says otherwise.
    // ERRORS: not_found; illegal_transition  it is not a draft
    Result<Invoice> issue(const Actor& actor, InvoiceId id);
    // Staff. ERRORS: not_found; illegal_transition  it is paid or cancelled;
    //                failed_precondition  a payment for it is under way, or it
    //                renews a server that is not being ended
    Result<Invoice> cancel(const Actor& actor, InvoiceId id, std::string reason);

    // gateway_id `balance` (also when empty): paid when this returns. Any other: starts a payment
    // there. Repeating it is safe: from the balance, an invoice that is paid answers the payment
    // that paid it. What costs nothing has none, and is paid at once whichever way is named.
    // ERRORS: not_found; failed_precondition  it is not open, a gateway's repeat included;
    //         insufficient_funds;
    //         outcome_unknown  nobody knows what became of an earlier attempt at a gateway;
    //         as PaymentService::start
    Result<InvoicePayment> pay(const Actor& actor, InvoiceId id, const std::string& gateway_id,
                               const std::string& payer_ip);

    // Staff: the money came in outside of any gateway.
    // ERRORS: not_found; failed_precondition  it is not open; invalid_argument  reference
    Result<Invoice> mark_paid(const Actor& actor, InvoiceId id, std::string reference);

    // Pays from the balance inside the caller's unit: the billing run's auto-pay and pay() alike.
    // Answers the payment; nil where there was nothing to pay.
    // ERRORS: insufficient_funds; those of InvoiceSettlement::settle
    Result<PaymentId> pay_from_balance(UnitOfWork& unit, const Invoice& invoice, Timestamp now);

private:
    Result<Invoice> find_visible(const Actor& actor, InvoiceId id);
    Result<InvoicePayment> pay_at_gateway(const Invoice& invoice, const std::string& gateway_id,
                                          const std::string& payer_ip);
    // The record of a payment that has succeeded already.
    Result<> insert_payment(UnitOfWork& unit, const Invoice& invoice, PaymentId payment,
                            std::string gateway_id, std::string gateway_tx_id, Timestamp now);

    const Ports ports_;
};

// Numbers the draft and freezes it: the caller saves it, last of all, because the series stays
// locked until the unit ends.
Result<> issue_invoice(UnitOfWork& unit, Invoice& invoice, Timestamp now);

// Whether any payment for it is open: nothing is cancelled or suspended over its head.
Result<bool> has_payment_in_flight(UnitOfWork& unit, InvoiceId invoice);

}  // namespace rb::core
