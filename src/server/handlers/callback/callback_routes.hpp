// Gateways' callbacks over HTTP: /payment/callback/<gateway id>, also as /callbacks/<gateway id>;
// GET and POST, as each gateway likes it. Stored raw before anything is understood (decision 7),
// with the exceptions of PaymentService::receive_callback.

#pragma once

#include "core/payment/payment_service.hpp"
#include "core/ports/log.hpp"

#include "transport/http_routes.hpp"

namespace rb::server {

// Both must outlive the routes.
void add_callback_routes(transport::HttpRoutes& routes, core::PaymentService& payments,
                         core::Log& log);

}  // namespace rb::server
