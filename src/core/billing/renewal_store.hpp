// The port to renewals. Calls act inside the UnitOfWork the store was taken from and must not
// outlive it.

#pragma once

#include "base/result.hpp"

#include "core/billing/renewal.hpp"

#include <optional>
#include <vector>

namespace rb::core {

class RenewalStore {
public:
    virtual ~RenewalStore() = default;

    // ERRORS: already_exists  this period of this instance has a renewal
    virtual Result<> insert(const Renewal& renewal) = 0;
    virtual Result<bool> exists(InstanceId instance, Timestamp period_start) = 0;
    virtual Result<std::optional<Renewal>> find_by_invoice(InvoiceId invoice) = 0;
    // The unpaid invoices of the instance's renewals, oldest period first. Not locked.
    virtual Result<std::vector<InvoiceId>> open_invoices(InstanceId instance) = 0;
    // ERRORS: conflict  it was applied before
    virtual Result<> mark_applied(InstanceId instance, Timestamp period_start, Timestamp when) = 0;
};

}  // namespace rb::core
