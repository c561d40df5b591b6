#include "core/billing/invoice_settler.hpp"

#include "core/billing/invoice_store.hpp"
#include "core/billing/renewal_store.hpp"
#include "core/instance/instance_service.hpp"
#include "core/instance/instance_store.hpp"
#include "core/ledger/ledger_store.hpp"
#include "core/notification/notice.hpp"
#include "core/unit_of_work.hpp"

namespace rb::core {

Result<> InvoiceSettler::settle(UnitOfWork& unit, InvoiceId id, Money amount, Timestamp when) {
    auto invoice = TRY(unit.invoices().find_for_update(id));
    if (!invoice) return Error{ErrorCode::not_found, "invoice not found", "id"};
    if (invoice->status == InvoiceStatus::paid) {
        return Error{ErrorCode::already_exists, "the invoice is paid already"};
    }
    if (!invoice->is_open()) {
        return Error{ErrorCode::failed_precondition, "the invoice is not open for payment"};
    }
    if (amount.currency() != invoice->amount.currency() || amount != invoice->total()) {
        return Error{ErrorCode::amount_mismatch, "the amount is not what the invoice asks for",
                     "amount"};
    }
    invoice->status = InvoiceStatus::paid;
    invoice->paid = amount;
    invoice->paid_at = when;
    invoice->updated_at = when;
    TRY(unit.invoices().save(*invoice));
    if (auto renewal = TRY(unit.renewals().find_by_invoice(id)))
        TRY(grant_period(unit, *renewal, when));
    // The service of the period is owed from now on, and counted as earned as an opening is.
    if (amount.is_positive()) {
        TRY(unit.ledger().append(
            move_money(ids_.next_id<LedgerEntryId>(), EntryKind::revenue, id.to_string(), amount,
                       {.account = LedgerAccount::deferred_revenue, .customer = invoice->customer},
                       {.account = LedgerAccount::revenue, .customer = invoice->customer}, when)));
    }
    return enqueue_notice(
        unit, ids_,
        {.which = NotificationTemplate::invoice_paid,
         .subject = id.uuid(),
         .customer = invoice->customer,
         .values = {{"invoice_number", invoice->number}, {"amount", amount.to_string()}}},
        when);
}

Result<> InvoiceSettler::grant_period(UnitOfWork& unit, const Renewal& renewal, Timestamp when) {
    TRY(unit.renewals().mark_applied(renewal.instance, renewal.period_start, when));
    auto instance = TRY(unit.instances().find_for_update(renewal.instance));
    if (!instance) return internal_error("a renewal names an instance that is gone");
    // Paid too late for a server that has ended: the period stays granted on paper, and staff
    // refund.
    if (instance->is_ending()) return {};
    if (!instance->paid_until || *instance->paid_until < renewal.period_end) {
        instance->paid_until = renewal.period_end;
    }
    instance->updated_at = when;
    // Only a suspension made for money is lifted by money.
    if (instance->suspension_cause == SuspensionCause::overdue) {
        instance->resume(when);
        TRY(enqueue_reconcile(unit, ids_, *instance, when));
        TRY(enqueue_notice(unit, ids_,
                           {.which = NotificationTemplate::instance_resumed,
                            .subject = instance->id.uuid(),
                            .step = renewal.invoice.to_string(),
                            .customer = instance->customer,
                            .values = {{"instance_id", instance->id.to_string()},
                                       {"product", instance->product_name}}},
                           when));
    }
    return unit.instances().save(*instance);
}

}  // namespace rb::core
