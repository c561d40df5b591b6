// rustbill.balance.BalanceService.

#pragma once

#include "core/ledger/balance_service.hpp"
#include "core/payment/payment_service.hpp"

#include "transport/method_registry.hpp"

namespace rb::server {

// Both must outlive the registry's methods.
void add_balance_methods(transport::MethodRegistry& registry, core::BalanceService& balances,
                         core::PaymentService& payments);

}  // namespace rb::server
