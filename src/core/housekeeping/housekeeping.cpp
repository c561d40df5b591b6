#include "core/housekeeping/housekeeping.hpp"

#include "core/housekeeping/retention.hpp"
#include "core/identity/session_store.hpp"
#include "core/notification/notification_store.hpp"
#include "core/payment/payment_store.hpp"
#include "core/second_factor/second_factor_store.hpp"

#include <optional>

namespace rb::core {
namespace {

constexpr std::string_view housekeeping_log_target = "rustbill_server::housekeeping";

}  // namespace

Result<HousekeepingReport> Housekeeping::run_once(int rows_per_batch) {
    const auto now = ports_.clock.now();
    HousekeepingReport report;
    std::optional<Error> failure;
    const auto sweep = [&](int& count, auto remove) {
        const auto removed = in_transaction(ports_.database, "housekeeping", remove);
        if (removed.has_error()) {
            if (!failure) failure = removed.error();
            return;
        }
        count = *removed;
        if (count >= rows_per_batch) report.has_more = true;
    };
    sweep(report.sessions, [&](UnitOfWork& unit) {
        return unit.sessions().remove_ended(now - retention::sessions, rows_per_batch);
    });
    sweep(report.refresh_tokens, [&](UnitOfWork& unit) {
        return unit.refresh_tokens().remove_ended_families(now - retention::refresh_token_families,
                                                           rows_per_batch);
    });
    sweep(report.verification_codes, [&](UnitOfWork& unit) {
        return unit.verification_codes().remove_expired(now - retention::verification_codes,
                                                        rows_per_batch);
    });
    sweep(report.passkey_challenges, [&](UnitOfWork& unit) {
        return unit.second_factors().remove_expired_challenges(now - retention::passkey_challenges,
                                                               rows_per_batch);
    });
    sweep(report.rejected_callbacks, [&](UnitOfWork& unit) {
        return unit.callbacks().remove_rejected(now - retention::rejected_callbacks,
                                                rows_per_batch);
    });
    sweep(report.notifications, [&](UnitOfWork& unit) {
        return unit.notifications().remove_old(now - retention::notifications, rows_per_batch);
    });
    if (report.total() > 0) {
        ports_.log.info(housekeeping_log_target, "what was past its retention was removed",
                        {{"sessions", report.sessions},
                         {"refresh_tokens", report.refresh_tokens},
                         {"verification_codes", report.verification_codes},
                         {"passkey_challenges", report.passkey_challenges},
                         {"rejected_callbacks", report.rejected_callbacks},
                         {"notifications", report.notifications}});
    }
    if (failure) return *failure;
    return report;
}

}  // namespace rb::core
