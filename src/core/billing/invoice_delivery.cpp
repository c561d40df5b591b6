#include "core/billing/invoice_delivery.hpp"

#include "core/billing/invoice_store.hpp"

namespace rb::core {

Result<EventProgress> InvoiceDelivery::handle(const Event& event) {
    const InvoiceId id(event.subject);
    auto unit = TRY(database_.begin());
    const auto invoice = TRY(unit->invoices().find(id));
    unit.reset();  // no connection is held while the notifiers send
    const bool is_wanted = invoice && !invoice->delivered_at && invoice->is_open();
    if (!is_wanted) return EventProgress::done();

    TRY(sender_.deliver({.which = NotificationTemplate::invoice_issued,
                         .subject = id.uuid(),
                         .customer = invoice->customer,
                         .values = {{"invoice_number", invoice->number},
                                    {"amount", invoice->total().to_string()},
                                    {"due_date", date_text(*invoice->due_date)}}}));
    TRY(in_transaction(database_, "invoice_delivered", [&](UnitOfWork& writing) -> Result<> {
        return writing.invoices().mark_delivered(id, clock_.now());
    }));
    return EventProgress::done();
}

}  // namespace rb::core
