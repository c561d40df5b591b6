// PaymentInfo, the message that tells a payer what to do.

#pragma once

#include "core/payment/payment_service.hpp"

#include <rustbill/order.pb.h>

namespace rb::server {

void fill_payment_info(const core::PaymentStart& start, rustbill::order::PaymentInfo& info);

}  // namespace rb::server
