#include "core/billing/billing_run.hpp"

#include "core/billing/billing_period.hpp"
#include "core/billing/limits.hpp"
#include "core/billing/renewal_store.hpp"
#include "core/event/event_store.hpp"
#include "core/instance/instance_service.hpp"
#include "core/instance/instance_store.hpp"
#include "core/notification/notice.hpp"

#include <algorithm>

namespace rb::core {
namespace {

constexpr std::string_view log_target = "rustbill_server::billing";

Invoice renewal_invoice(IdSource& ids, const Instance& instance, Timestamp period_end,
                        Timestamp now) {
    const auto amount = instance.renewal_amount;
    const auto start = *instance.paid_until;
    return {.id = ids.next_id<InvoiceId>(),
            .customer = instance.customer,
            .period_start = start,
            .period_end = period_end,
            .amount = amount,
            .tax = Money::zero(amount.currency()),
            .paid = Money::zero(amount.currency()),
            .due_date = std::max(start, now),
            .created_at = now,
            .updated_at = now,
            .items = {{.description = instance.product_name + " " + instance.name + " " +
                                      date_text(start) + " – " + date_text(period_end),
                       .quantity = 1,
                       .unit_price = amount,
                       .id = ids.next()}}};
}

// Whether money for the invoice may be on its way through a gateway. Where nobody knows, it may for
// as long as nobody knows; where the payer was sent there and has not paid, until `patience_ends`.
Result<bool> is_money_on_its_way(UnitOfWork& unit, InvoiceId invoice, Timestamp patience_ends,
                                 Timestamp now) {
    const auto payments = TRY(unit.payments().list_of_invoice(invoice));
    return std::ranges::any_of(payments, [&](const Payment& payment) {
        return payment.status == PaymentStatus::unknown ||
               (payment.status == PaymentStatus::pending && now < patience_ends);
    });
}

bool is_renewing(const Instance& instance) {
    return instance.activated_at && instance.paid_until && instance.auto_renew &&
           !instance.is_ending() && !instance.is_terminated() &&
           instance.cycle != BillingCycle::one_time;
}

}  // namespace

Result<BillingReport> BillingRun::run_once() {
    BillingReport report;
    TRY(issue_renewals(report));
    TRY(work_through_due_invoices(report));
    return report;
}

void BillingRun::count(int& effects, BillingReport& report, const Result<bool>& outcome,
                       const Uuid& item) {
    if (outcome.has_value()) {
        effects += *outcome ? 1 : 0;
        return;
    }
    ++report.failures;
    ports_.log.error(log_target, "one item of the billing run failed",
                     {{"item", item.to_string()},
                      {"error", outcome.error().message},
                      {"detail", outcome.error().detail}});
}

Result<> BillingRun::issue_renewals(BillingReport& report) {
    const auto paid_by = ports_.clock.now() + billing_limits::invoice_lead;
    InstanceId after;
    for (;;) {
        auto unit = TRY(ports_.database.begin());
        const auto due = TRY(unit->instances().list_due_for_renewal(
            paid_by, after, billing_limits::items_per_pass_max));
        unit.reset();
        for (const auto id : due)
            count(report.invoices_issued, report, issue_renewal(id), id.uuid());
        if (due.size() < billing_limits::items_per_pass_max) return {};
        after = due.back();
    }
}

Result<bool> BillingRun::issue_renewal(InstanceId id) {
    const auto now = ports_.clock.now();
    return in_transaction(ports_.database, "renewal_issue", [&](UnitOfWork& unit) -> Result<bool> {
        auto instance = TRY(unit.instances().find_for_update(id));
        if (!instance || !is_renewing(*instance)) return false;
        const auto start = *instance->paid_until;
        if (TRY(unit.renewals().exists(id, start))) return false;
        const auto end = period_end_after(*instance->activated_at, start, instance->cycle);
        auto invoice = renewal_invoice(ports_.ids, *instance, end, now);
        TRY(unit.events().enqueue({.id = ports_.ids.next_id<EventId>(),
                                   .kind = EventKind::deliver_invoice,
                                   .subject = invoice.id.uuid(),
                                   .customer = invoice.customer,
                                   .run_at = now,
                                   .created_at = now}));
        // The number last: its series is locked until the commit.
        TRY(issue_invoice(unit, invoice, now));
        TRY(unit.invoices().insert(invoice));
        TRY(unit.renewals().insert({.instance = id,
                                    .period_start = start,
                                    .period_end = end,
                                    .customer = instance->customer,
                                    .invoice = invoice.id,
                                    .amount = invoice.amount}));
        return true;
    });
}

Result<> BillingRun::work_through_due_invoices(BillingReport& report) {
    const auto now = ports_.clock.now();
    InvoiceId after;
    for (;;) {
        auto unit = TRY(ports_.database.begin());
        const auto due =
            TRY(unit->invoices().list_due(now, after, billing_limits::items_per_pass_max));
        unit.reset();
        for (const auto id : due) {
            const auto paid = pay_when_covered(id);
            count(report.invoices_paid, report, paid, id.uuid());
            if (paid.has_value() && *paid) continue;
            count(report.invoices_overdue, report, mark_overdue(id), id.uuid());
            count(report.instances_suspended, report, suspend_when_unpaid(id), id.uuid());
        }
        if (due.size() < billing_limits::items_per_pass_max) return {};
        after = due.back();
    }
}

// Renewals pay themselves from the balance; other invoices wait for their customer.
Result<bool> BillingRun::pay_when_covered(InvoiceId id) {
    const auto now = ports_.clock.now();
    auto paid =
        in_transaction(ports_.database, "renewal_pay", [&](UnitOfWork& unit) -> Result<bool> {
            const auto invoice = TRY(unit.invoices().find_for_update(id));
            if (!invoice || !invoice->is_open()) return false;
            if (!TRY(unit.renewals().find_by_invoice(id))) return false;
            // Money that is on its way through a gateway shall not meet money from the balance; but
            // rather that than a suspension with the money lying there.
            const auto patience_ends = *invoice->due_date + billing_limits::suspension_grace;
            if (TRY(is_money_on_its_way(unit, id, patience_ends, now))) return false;
            TRY(ports_.invoices.pay_from_balance(unit, *invoice, now));
            return true;
        });
    if (paid.has_error() && paid.error().code == ErrorCode::insufficient_funds) return false;
    return paid;
}

Result<bool> BillingRun::mark_overdue(InvoiceId id) {
    const auto now = ports_.clock.now();
    return in_transaction(
        ports_.database, "invoice_overdue", [&](UnitOfWork& unit) -> Result<bool> {
            auto invoice = TRY(unit.invoices().find_for_update(id));
            if (!invoice || invoice->status != InvoiceStatus::issued || *invoice->due_date >= now)
                return false;
            invoice->status = InvoiceStatus::overdue;
            invoice->updated_at = now;
            TRY(unit.invoices().save(*invoice));
            TRY(enqueue_notice(unit, ports_.ids,
                               {.which = NotificationTemplate::invoice_overdue,
                                .subject = id.uuid(),
                                .customer = invoice->customer,
                                .values = {{"invoice_number", invoice->number},
                                           {"amount", invoice->total().to_string()},
                                           {"due_date", date_text(*invoice->due_date)}}},
                               now));
            return true;
        });
}

// Only over an invoice that is overdue, that reached its customer, whose grace is over, and for
// which no payment is on its way (peers, pains 6 and 7). Money that comes later renews and resumes.
Result<bool> BillingRun::suspend_when_unpaid(InvoiceId id) {
    const auto now = ports_.clock.now();
    return in_transaction(
        ports_.database, "renewal_suspend", [&](UnitOfWork& unit) -> Result<bool> {
            const auto invoice = TRY(unit.invoices().find_for_update(id));
            if (!invoice || invoice->status != InvoiceStatus::overdue || !invoice->delivered_at)
                return false;
            // A notice that came late gives its customer the whole grace all the same.
            const auto grace_from = std::max(*invoice->due_date, *invoice->delivered_at);
            const auto grace_ends = grace_from + billing_limits::suspension_grace;
            if (now < grace_ends) return false;
            const auto renewal = TRY(unit.renewals().find_by_invoice(id));
            const auto patience_ends = grace_ends + billing_limits::pending_payment_patience;
            if (!renewal || TRY(is_money_on_its_way(unit, id, patience_ends, now))) return false;
            auto instance = TRY(unit.instances().find_for_update(renewal->instance));
            if (!instance || instance->is_ending() || instance->desired == DesiredStatus::suspended)
                return false;
            instance->suspension_cause = SuspensionCause::overdue;
            instance->status_reason = "invoice " + invoice->number + " is overdue";
            instance->want(DesiredStatus::suspended, now);
            TRY(unit.instances().save(*instance));
            TRY(enqueue_reconcile(unit, ports_.ids, *instance, now));
            TRY(enqueue_notice(unit, ports_.ids,
                               {.which = NotificationTemplate::instance_suspended,
                                .subject = instance->id.uuid(),
                                .step = id.to_string(),
                                .customer = instance->customer,
                                .values = {{"instance_id", instance->id.to_string()},
                                           {"product", instance->product_name},
                                           {"reason", instance->status_reason}}},
                               now));
            return true;
        });
}

}  // namespace rb::core
