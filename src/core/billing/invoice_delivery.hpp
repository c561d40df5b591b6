// Tells a customer of an issued invoice, then writes down that he was told: the handler of event
// deliver_invoice. Nothing is suspended over an invoice that was not delivered, so a mail server
// that is down delays suspensions and never the other way round.
//
// Where no notifier is enabled the account page is the only channel there is, and the invoice
// counts as delivered when it stands there. Thread-safe; holds no state.

#pragma once

#include "core/event/event_worker.hpp"
#include "core/notification/notification_sender.hpp"
#include "core/ports/clock.hpp"
#include "core/unit_of_work.hpp"

namespace rb::core {

class InvoiceDelivery final : public EventHandler {
public:
    // All must outlive it.
    InvoiceDelivery(Database& database, NotificationSender& sender, const Clock& clock)
        : database_(database), sender_(sender), clock_(clock) {}

    Result<EventProgress> handle(const Event& event) override;

private:
    Database& database_;
    NotificationSender& sender_;
    const Clock& clock_;
};

}  // namespace rb::core
