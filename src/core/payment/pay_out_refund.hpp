// The event `pay_out_refund`: a refund goes out through its gateway.

#pragma once

#include "core/event/event_worker.hpp"
#include "core/payment/payment_service.hpp"

namespace rb::core {

class PayOutRefund final : public EventHandler {
public:
    // `payments` must outlive it.
    explicit PayOutRefund(PaymentService& payments) : payments_(payments) {}

    Result<EventProgress> handle(const Event& event) override {
        TRY(payments_.pay_out(RefundId(event.subject)));
        return EventProgress::done();
    }

private:
    PaymentService& payments_;
};

}  // namespace rb::core
