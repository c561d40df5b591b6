#include "server/handlers/payment/payment_info.hpp"

#include "server/handlers/qr_code.hpp"
#include "server/handlers/wire_values.hpp"

namespace rb::server {

void fill_payment_info(const core::PaymentStart& start, rustbill::order::PaymentInfo& info) {
    info.set_payment_id(id_text(start.payment));
    info.set_gateway_id(start.gateway_id);
    info.set_payment_url(start.instructions.payment_url);
    info.set_qr_code(qr_data_url(start.instructions.qr_text));
    info.set_instructions(start.instructions.instructions);
}

}  // namespace rb::server
