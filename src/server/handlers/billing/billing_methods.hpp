// rustbill.billing.BillingService.

#pragma once

#include "core/billing/invoice_service.hpp"
#include "core/ledger/balance_service.hpp"

#include "transport/method_registry.hpp"

namespace rb::server {

// Both must outlive the registry's methods.
void add_billing_methods(transport::MethodRegistry& registry, core::InvoiceService& invoices,
                         core::BalanceService& balances);

}  // namespace rb::server
