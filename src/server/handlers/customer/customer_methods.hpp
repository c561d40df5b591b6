// rustbill.customer.CustomerService.

#pragma once

#include "core/customer/customer_service.hpp"

#include "transport/method_registry.hpp"

namespace rb::server {

// `customers` must outlive the registry's methods.
void add_customer_methods(transport::MethodRegistry& registry, core::CustomerService& customers);

}  // namespace rb::server
