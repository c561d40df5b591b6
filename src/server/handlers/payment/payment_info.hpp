// PaymentInfo, the message that tells a payer what to do.

#pragma once

#include "core/payment/payment_service.hpp"

#include <rustbill/order.pb.h>

#include <string>
#include <string_view>

namespace rb::server {

void fill_payment_info(const core::PaymentStart& start, rustbill::order::PaymentInfo& info);

// A QR code of `text` as an SVG data URL, usable as the src of an <img>. Empty for an empty text
// and for one of more than limits::qr_text_bytes_max.
std::string qr_data_url(std::string_view text);

}  // namespace rb::server
