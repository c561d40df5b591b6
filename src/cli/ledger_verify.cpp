#include "core/ledger/ledger_verifier.hpp"

#include "cli/commands.hpp"

#include <ostream>

namespace rb::cli {

namespace {

std::int64_t number(std::uint64_t count) {
    return static_cast<std::int64_t>(count);
}

}  // namespace

Result<int> run_ledger_verify(Backend& backend, std::ostream& out, Format format) {
    auto* database = TRY(backend.database());
    const auto report = TRY(core::LedgerVerifier(*database).verify());

    Object object{{"ok", !report.fault.has_value()},
                  {"entries", number(report.totals.entries)},
                  {"customers", number(report.totals.customers)},
                  {"balance_transactions", number(report.totals.balance_transactions)},
                  {"payments", number(report.totals.payments)},
                  {"checks_passed", number(report.checks_passed.size())}};
    if (report.fault) {
        object.emplace_back("table", report.fault->table);
        object.emplace_back("row", report.fault->row);
        object.emplace_back("why", report.fault->why);
    }
    print(out, object, format);
    return report.fault ? exit_bad_news : exit_ok;
}

}  // namespace rb::cli
