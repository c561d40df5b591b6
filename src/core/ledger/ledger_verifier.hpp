// Re-derives every balance from the entries and names the first row that is wrong.

#pragma once

#include "base/result.hpp"

#include "core/ledger/ledger_store.hpp"
#include "core/unit_of_work.hpp"

#include <optional>
#include <string>
#include <vector>

namespace rb::core {

struct LedgerReport {
    LedgerTotals totals;
    std::vector<std::string> checks_passed;
    // Of the first check that failed; those after it have not run.
    std::optional<LedgerFault> fault;
};

class LedgerVerifier {
public:
    explicit LedgerVerifier(Database& database) : database_(database) {}
    // Reads one snapshot, so it may run beside a working shop.
    Result<LedgerReport> verify();

private:
    Database& database_;
};

}  // namespace rb::core
