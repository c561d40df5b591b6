// The clock's part of billing: issues renewals ahead of time, pays them from balances, marks what
// is overdue, suspends what stays unpaid. Runs under the `billing` lease, as often as one likes:
// every step finds its own work done when it comes again.
//
// Each item has its own transaction: one bad item never stops the others. Thread-safe; holds no
// state.

#pragma once

#include "base/result.hpp"

#include "core/billing/invoice_service.hpp"
#include "core/instance/instance.hpp"
#include "core/ports/clock.hpp"
#include "core/ports/id_source.hpp"
#include "core/ports/log.hpp"
#include "core/unit_of_work.hpp"

#include <functional>
#include <vector>

namespace rb::core {

// Counted effects, so that a run that did nothing can be told from one that had nothing to do.
struct BillingReport {
    int invoices_issued = 0;
    int invoices_paid = 0;
    int invoices_overdue = 0;
    int instances_suspended = 0;
    int failures = 0;
};

class BillingRun {
public:
    // All must outlive it.
    struct Ports {
        Database& database;
        InvoiceService& invoices;
        InvoiceSettlement& settlement;
        const Clock& clock;
        IdSource& ids;
        Log& log;
    };
    explicit BillingRun(Ports ports) : ports_(ports) {}

    // ERRORS: unavailable  the database could not be asked for work; items that fail are counted
    Result<BillingReport> run_once();

private:
    Result<> issue_renewals(BillingReport& report);
    Result<> work_through_due_invoices(BillingReport& report);
    Result<bool> issue_renewal(InstanceId id);
    Result<bool> pay_when_covered(InvoiceId id);
    Result<bool> mark_overdue(InvoiceId id);
    Result<bool> suspend_when_unpaid(InvoiceId id);
    // Counts the effect or the failure of one item.
    void count(int& effects, BillingReport& report, const Result<bool>& outcome, const Uuid& item);

    const Ports ports_;
};

}  // namespace rb::core
