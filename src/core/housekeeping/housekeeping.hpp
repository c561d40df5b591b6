// Housekeeping: removes what is past its retention (retention.hpp). The outbox needs none: an event
// goes in the commit that did its work, and a dead one waits for an operator.
//
// Thread-safe; holds no state.

#pragma once

#include "base/result.hpp"

#include "core/ports/clock.hpp"
#include "core/ports/log.hpp"
#include "core/unit_of_work.hpp"

namespace rb::core {

struct HousekeepingReport {
    int sessions = 0;
    int refresh_tokens = 0;
    int verification_codes = 0;
    int passkey_challenges = 0;
    int rejected_callbacks = 0;
    int notifications = 0;
    // A batch was full, so that more may wait.
    bool has_more = false;

    [[nodiscard]] int total() const {
        return sessions + refresh_tokens + verification_codes + passkey_challenges +
               rejected_callbacks + notifications;
    }
};

class Housekeeping {
public:
    // All must outlive it.
    struct Ports {
        Database& database;
        const Clock& clock;
        Log& log;
    };
    explicit Housekeeping(Ports ports) : ports_(ports) {}

    // Removes one batch of each kind, each in a transaction of its own, and logs the counts when
    // there were any. One kind that fails stops no other.
    // ERRORS: the first failure, after all kinds were tried: unavailable
    Result<HousekeepingReport> run_once(int rows_per_batch);

private:
    const Ports ports_;
};

}  // namespace rb::core
