// rustbill.payment.PaymentService.

#pragma once

#include "core/payment/payment_service.hpp"

#include "transport/method_registry.hpp"

namespace rb::server {

// `payments` must outlive the registry's methods.
void add_payment_methods(transport::MethodRegistry& registry, core::PaymentService& payments);

}  // namespace rb::server
