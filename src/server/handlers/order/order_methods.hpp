// rustbill.order.OrderService.

#pragma once

#include "core/order/order_service.hpp"
#include "core/ports/log.hpp"

#include "transport/method_registry.hpp"

namespace rb::server {

// Both must outlive the registry's methods.
void add_order_methods(transport::MethodRegistry& registry, core::OrderService& orders,
                       core::Log& log);

}  // namespace rb::server
