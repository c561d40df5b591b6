#include "core/billing/cancel_renewals.hpp"

#include "core/billing/invoice_store.hpp"
#include "core/billing/renewal_store.hpp"

namespace rb::core {

Result<> cancel_open_renewals(UnitOfWork& unit, IdSource& ids, InstanceId instance,
                              const ActorStamp& by, Timestamp now) {
    for (const auto id : TRY(unit.renewals().open_invoices(instance))) {
        auto invoice = TRY(unit.invoices().find_for_update(id));
        // It was paid while we waited for its lock.
        if (!invoice || !invoice->is_open()) continue;
        Changes changes;
        note_change(changes, "status", std::string(name_of(invoice->status)), "cancelled");
        note_change(changes, "reason", "", "its server ends");
        invoice->status = InvoiceStatus::cancelled;
        invoice->updated_at = now;
        TRY(unit.invoices().save(*invoice));
        TRY(unit.operation_log().append({.id = ids.next_id<OperationId>(),
                                         .by = by,
                                         .customer = invoice->customer,
                                         .action = "invoice.cancel",
                                         .object_type = "invoice",
                                         .object_id = id.to_string(),
                                         .changes = std::move(changes),
                                         .at = now}));
    }
    return {};
}

}  // namespace rb::core
