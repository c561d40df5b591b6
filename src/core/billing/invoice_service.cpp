#include "core/billing/invoice_service.hpp"

#include "core/billing/limits.hpp"
#include "core/billing/renewal_store.hpp"
#include "core/customer/customer_store.hpp"
#include "core/event/event_store.hpp"
#include "core/instance/instance_store.hpp"
#include "core/ledger/ledger_store.hpp"
#include "core/operation_log/operation_log.hpp"
#include "core/text.hpp"

#include <algorithm>

namespace rb::core {
namespace {

Error invoice_not_found() {
    return {ErrorCode::not_found, "invoice not found", "id"};
}

Error illegal(const Invoice& invoice, std::string_view wanted) {
    return {ErrorCode::illegal_transition, "an invoice that is " +
                                               std::string(name_of(invoice.status)) +
                                               " cannot become " + std::string(wanted)};
}

Result<> check_items(const NewInvoice& request) {
    using namespace billing_limits;
    if (request.items.empty()) return invalid_field("items", "must not be empty");
    if (request.items.size() > invoice_items_max) {
        return invalid_field("items", "must not be more than " + std::to_string(invoice_items_max));
    }
    // Sums in integers that cannot overflow before they become Money, whose range ends the process.
    __extension__ using Wide = __int128;
    Wide sum = 0;
    for (std::size_t index = 0; index < request.items.size(); ++index) {
        const auto& item = request.items[index];
        const auto field = "items[" + std::to_string(index) + "].";
        TRY(check_text(
            item.description,
            {.field = field + "description", .chars_min = 1, .chars_max = item_description_max}));
        if (item.quantity < 1 || item.quantity > item_quantity_max) {
            return invalid_field(field + "quantity",
                                 "must be 1 to " + std::to_string(item_quantity_max));
        }
        if (item.unit_price.is_negative())
            return invalid_field(field + "unit_price", "must not be negative");
        if (item.unit_price.currency() != request.items.front().unit_price.currency()) {
            return invalid_field(field + "unit_price", "must have the currency of the others");
        }
        sum += static_cast<Wide>(item.unit_price.minor_units()) * item.quantity;
        if (sum > Money::minor_units_max)
            return invalid_field("items", "must not sum to more than 9999999999.99");
    }
    return {};
}

Result<> check_request(const NewInvoice& request) {
    TRY(check_items(request));
    TRY(check_text(request.notes, {.field = "notes",
                                   .chars_max = billing_limits::notes_max,
                                   .line_breaks = LineBreaks::allowed}));
    if (request.period_start.has_value() != request.period_end.has_value()) {
        return invalid_field("billing_period_end",
                             "must be given together with billing_period_start");
    }
    if (request.period_start && *request.period_end <= *request.period_start) {
        return invalid_field("billing_period_end", "must be after billing_period_start");
    }
    return {};
}

// An attempt at a gateway whose outcome nobody knows blocks every other (decision 7).
Result<> check_nothing_unclear(UnitOfWork& unit, InvoiceId invoice) {
    const auto payments = TRY(unit.payments().list_of_invoice(invoice));
    const bool is_unclear = std::ranges::any_of(
        payments, [](const Payment& payment) { return payment.status == PaymentStatus::unknown; });
    if (!is_unclear) return {};
    return Error{ErrorCode::outcome_unknown,
                 "an earlier payment is still being looked up; try again in a moment"};
}

// The payment that paid it; nothing for what cost nothing.
Result<std::optional<Payment>> payment_that_paid(UnitOfWork& unit, InvoiceId invoice) {
    for (auto& payment : TRY(unit.payments().list_of_invoice(invoice))) {
        if (payment.has_succeeded()) return std::optional(std::move(payment));
    }
    return std::optional<Payment>();
}

Result<> write_operation(UnitOfWork& unit, IdSource& ids, const Actor& actor,
                         const Invoice& invoice, std::string action, Timestamp now,
                         Changes changes = {}) {
    return unit.operation_log().append({.id = ids.next_id<OperationId>(),
                                        .by = ActorStamp::of(actor),
                                        .customer = invoice.customer,
                                        .action = std::move(action),
                                        .object_type = "invoice",
                                        .object_id = invoice.id.to_string(),
                                        .changes = std::move(changes),
                                        .at = now});
}

}  // namespace

Result<> issue_invoice(UnitOfWork& unit, Invoice& invoice, Timestamp now) {
    const auto series = invoice_series(now);
    invoice.number = invoice_number(series, TRY(unit.invoices().take_number(series)));
    invoice.status = InvoiceStatus::issued;
    invoice.issued_at = now;
    if (!invoice.due_date) invoice.due_date = now + billing_limits::invoice_lead;
    invoice.updated_at = now;
    return {};
}

Result<bool> has_payment_in_flight(UnitOfWork& unit, InvoiceId invoice) {
    const auto payments = TRY(unit.payments().list_of_invoice(invoice));
    return std::ranges::any_of(payments, [](const Payment& payment) { return payment.is_open(); });
}

Result<Page<Invoice>> InvoiceService::list(const Actor& actor, InvoiceFilter filter,
                                           PageRequest page) {
    if (!actor.is_staff()) {
        if (filter.customer && *filter.customer != actor.customer) return Page<Invoice>{};
        if (filter.status == InvoiceStatus::draft) return Page<Invoice>{};
        filter.customer = actor.customer;
        filter.hide_drafts = true;
    }
    auto unit = TRY(ports_.database.begin());
    return unit->invoices().list(filter, page);
}

Result<Invoice> InvoiceService::find_visible(const Actor& actor, InvoiceId id) {
    auto unit = TRY(ports_.database.begin());
    auto invoice = TRY(unit->invoices().find(id));
    if (!invoice || !actor.may_see(invoice->customer)) return invoice_not_found();
    if (invoice->status == InvoiceStatus::draft && !actor.is_staff()) return invoice_not_found();
    return std::move(*invoice);
}

Result<Invoice> InvoiceService::get(const Actor& actor, InvoiceId id) {
    return find_visible(actor, id);
}

Result<Invoice> InvoiceService::create(const Actor& actor, const NewInvoice& request) {
    TRY(check_request(request));
    const auto now = ports_.clock.now();
    const auto currency = request.items.front().unit_price.currency();
    Invoice invoice{.id = ports_.ids.next_id<InvoiceId>(),
                    .customer = request.customer,
                    .period_start = request.period_start,
                    .period_end = request.period_end,
                    .amount = Money::zero(currency),
                    .tax = Money::zero(currency),
                    .paid = Money::zero(currency),
                    .notes = request.notes,
                    .due_date = request.due_date,
                    .created_at = now,
                    .updated_at = now,
                    .items = request.items};
    for (auto& item : invoice.items) {
        item.id = ports_.ids.next();
        invoice.amount = invoice.amount + item.amount();
    }
    return in_transaction(
        ports_.database, "invoice_create", [&](UnitOfWork& unit) -> Result<Invoice> {
            const auto customer = TRY(unit.customers().find(request.customer));
            if (!customer) return Error{ErrorCode::not_found, "customer not found", "customer_id"};
            if (customer->currency != currency) {
                return invalid_field("currency", "must be the customer's, " +
                                                     std::string(customer->currency.code()));
            }
            TRY(unit.invoices().insert(invoice));
            TRY(write_operation(unit, ports_.ids, actor, invoice, "invoice.create", now));
            return invoice;
        });
}

Result<Invoice> InvoiceService::issue(const Actor& actor, InvoiceId id) {
    const auto now = ports_.clock.now();
    return in_transaction(
        ports_.database, "invoice_issue", [&](UnitOfWork& unit) -> Result<Invoice> {
            auto invoice = TRY(unit.invoices().find_for_update(id));
            if (!invoice) return invoice_not_found();
            if (!may_follow(invoice->status, InvoiceStatus::issued))
                return illegal(*invoice, "issued");
            TRY(write_operation(unit, ports_.ids, actor, *invoice, "invoice.issue", now));
            TRY(unit.events().enqueue({.id = ports_.ids.next_id<EventId>(),
                                       .kind = EventKind::deliver_invoice,
                                       .subject = id.uuid(),
                                       .customer = invoice->customer,
                                       .run_at = now,
                                       .created_at = now}));
            TRY(issue_invoice(unit, *invoice, now));
            TRY(unit.invoices().save(*invoice));
            return std::move(*invoice);
        });
}

Result<Invoice> InvoiceService::cancel(const Actor& actor, InvoiceId id, std::string reason) {
    TRY(check_text(reason, {.field = "reason", .chars_max = limits::reason_chars_max}));
    const auto now = ports_.clock.now();
    return in_transaction(
        ports_.database, "invoice_cancel", [&](UnitOfWork& unit) -> Result<Invoice> {
            auto invoice = TRY(unit.invoices().find_for_update(id));
            if (!invoice) return invoice_not_found();
            if (!may_follow(invoice->status, InvoiceStatus::cancelled))
                return illegal(*invoice, "cancelled");
            // The period would count as dealt with and its server would run on unpaid for ever.
            if (const auto renewal = TRY(unit.renewals().find_by_invoice(id))) {
                const auto instance = TRY(unit.instances().find(renewal->instance));
                if (instance && !instance->is_ending()) {
                    return Error{ErrorCode::failed_precondition,
                                 "the invoice renews a server; terminate the server first", "id"};
                }
            }
            if (TRY(has_payment_in_flight(unit, id))) {
                return Error{ErrorCode::failed_precondition,
                             "a payment for the invoice is under way"};
            }
            Changes changes;
            note_change(changes, "status", std::string(name_of(invoice->status)), "cancelled");
            note_change(changes, "reason", "", reason);
            invoice->status = InvoiceStatus::cancelled;
            invoice->updated_at = now;
            TRY(unit.invoices().save(*invoice));
            TRY(write_operation(unit, ports_.ids, actor, *invoice, "invoice.cancel", now,
                                std::move(changes)));
            return std::move(*invoice);
        });
}

Result<InvoicePayment> InvoiceService::pay(const Actor& actor, InvoiceId id,
                                           const std::string& gateway_id,
                                           const std::string& payer_ip) {
    auto invoice = TRY(find_visible(actor, id));
    // No gateway takes a payment of nothing.
    if (!gateway_id.empty() && gateway_id != balance_gateway && invoice.total().is_positive()) {
        return pay_at_gateway(invoice, gateway_id, payer_ip);
    }
    const auto now = ports_.clock.now();
    const auto paid_with = [](PaymentId payment, std::string gateway) {
        return PaymentStart{.payment = payment,
                            .gateway_id = std::move(gateway),
                            .instructions = {},
                            .status = PaymentStatus::success};
    };
    return in_transaction(
        ports_.database, "invoice_pay_balance", [&](UnitOfWork& unit) -> Result<InvoicePayment> {
            auto locked = TRY(unit.invoices().find_for_update(id));
            if (!locked) return invoice_not_found();
            // Clients repeat the call when an answer is lost; the repeat gets the same answer.
            if (locked->status == InvoiceStatus::paid) {
                const auto first = TRY(payment_that_paid(unit, id));
                return InvoicePayment{std::move(*locked),
                                      first ? paid_with(first->id, first->gateway_id)
                                            : paid_with(PaymentId(), std::string(balance_gateway))};
            }
            TRY(check_nothing_unclear(unit, id));
            const auto payment = TRY(pay_from_balance(unit, *locked, now));
            locked->status = InvoiceStatus::paid;
            locked->paid = locked->total();
            locked->paid_at = now;
            return InvoicePayment{std::move(*locked),
                                  paid_with(payment, std::string(balance_gateway))};
        });
}

Result<InvoicePayment> InvoiceService::pay_at_gateway(const Invoice& invoice,
                                                      const std::string& gateway_id,
                                                      const std::string& payer_ip) {
    const auto check = [&](UnitOfWork& unit) -> Result<PaymentService::Target> {
        auto locked = TRY(unit.invoices().find_for_update(invoice.id));
        if (!locked) return invoice_not_found();
        if (!locked->is_open()) {
            return Error{ErrorCode::failed_precondition, "the invoice is not open for payment"};
        }
        return PaymentService::Target{.customer = locked->customer,
                                      .purpose = PaymentPurpose::invoice,
                                      .invoice = locked->id,
                                      .amount = locked->total(),
                                      .description = locked->number};
    };
    auto started = TRY(ports_.payments.start(gateway_id, payer_ip, check));
    return InvoicePayment{invoice, std::move(started)};
}

Result<PaymentId> InvoiceService::pay_from_balance(UnitOfWork& unit, const Invoice& invoice,
                                                   Timestamp now) {
    const auto amount = invoice.total();
    PaymentId payment;
    if (amount.is_positive()) {
        payment = ports_.ids.next_id<PaymentId>();
        // The server before the account, as everywhere (payment/bookkeeping.hpp).
        if (const auto renewal = TRY(unit.renewals().find_by_invoice(invoice.id))) {
            TRY(unit.instances().find_for_update(renewal->instance));
        }
        auto account = TRY(unit.ledger().find_account_for_update(invoice.customer));
        if (!account) return internal_error("an invoice names a customer that is gone");
        if (!account->covers(amount)) {
            return Error{ErrorCode::insufficient_funds,
                         "the balance and the credit limit do not cover the amount"};
        }
        TRY(insert_payment(unit, invoice, payment, std::string(balance_gateway), {}, now));
        const auto entry = move_money(
            ports_.ids.next_id<LedgerEntryId>(), EntryKind::payment, payment.to_string(), amount,
            {.account = LedgerAccount::customer_balance, .customer = invoice.customer},
            {.account = LedgerAccount::deferred_revenue, .customer = invoice.customer}, now);
        TRY(unit.ledger().append(entry, *account, ports_.ids.next_id<BalanceTransactionId>(),
                                 BalanceTransactionType::payment, invoice.id.to_string(),
                                 "invoice " + invoice.number));
    }
    TRY(ports_.settlement.settle(unit, invoice.id, amount, now));
    return payment;
}

Result<> InvoiceService::insert_payment(UnitOfWork& unit, const Invoice& invoice, PaymentId payment,
                                        std::string gateway_id, std::string gateway_tx_id,
                                        Timestamp now) {
    return unit.payments().insert({.id = payment,
                                   .customer = invoice.customer,
                                   .purpose = PaymentPurpose::invoice,
                                   .invoice = invoice.id,
                                   .gateway_id = std::move(gateway_id),
                                   .amount = invoice.total(),
                                   .refunded_amount = Money::zero(invoice.amount.currency()),
                                   .status = PaymentStatus::success,
                                   .gateway_tx_id = std::move(gateway_tx_id),
                                   .created_at = now,
                                   .updated_at = now,
                                   .paid_at = now});
}

Result<Invoice> InvoiceService::mark_paid(const Actor& actor, InvoiceId id, std::string reference) {
    TRY(check_text(
        reference,
        {.field = "reference", .chars_min = 1, .chars_max = limits::reference_chars_max}));
    const auto now = ports_.clock.now();
    return in_transaction(
        ports_.database, "invoice_mark_paid", [&](UnitOfWork& unit) -> Result<Invoice> {
            auto invoice = TRY(unit.invoices().find_for_update(id));
            if (!invoice) return invoice_not_found();
            const auto amount = invoice->total();
            const auto payment = ports_.ids.next_id<PaymentId>();
            TRY(ports_.settlement.settle(unit, id, amount, now));
            if (amount.is_positive()) {
                TRY(insert_payment(unit, *invoice, payment, std::string(manual_gateway), reference,
                                   now));
                TRY(unit.ledger().append(move_money(
                    ports_.ids.next_id<LedgerEntryId>(), EntryKind::payment, payment.to_string(),
                    amount,
                    {.account = LedgerAccount::gateway_clearing,
                     .customer = invoice->customer,
                     .gateway_id = std::string(manual_gateway)},
                    {.account = LedgerAccount::deferred_revenue, .customer = invoice->customer},
                    now)));
            }
            Changes changes;
            note_change(changes, "reference", "", reference);
            TRY(write_operation(unit, ports_.ids, actor, *invoice, "invoice.mark_paid", now,
                                std::move(changes)));
            invoice->status = InvoiceStatus::paid;
            invoice->paid = amount;
            invoice->paid_at = now;
            return std::move(*invoice);
        });
}

}  // namespace rb::core
