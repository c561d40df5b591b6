#include "core/ledger/ledger_verifier.hpp"

namespace rb::core {

Result<LedgerReport> LedgerVerifier::verify() {
    auto unit = TRY(database_.begin());
    auto& audit = unit->ledger_audit();
    TRY(audit.begin_snapshot());
    LedgerReport report{.totals = TRY(audit.totals()), .checks_passed = {}, .fault = {}};
    for (int check = 0; check < audit.check_count(); ++check) {
        report.fault = TRY(audit.find_fault(check));
        if (report.fault) break;
        report.checks_passed.emplace_back(audit.check_name(check));
    }
    return report;
}

}  // namespace rb::core
