// Leadership: which roles this process plays, so that what must not be done twice at once is done
// by one server (operations manual 12.3). A role is a lease in leader_role; who stops renewing
// loses it.
//
// Being leader spares doubled work; it is not what keeps money right: every step of the billing run
// finds its own work done when it comes again.
//
// Thread-safe.

#pragma once

#include "base/result.hpp"

#include "core/node/node_store.hpp"
#include "core/ports/clock.hpp"
#include "core/ports/log.hpp"
#include "core/unit_of_work.hpp"

#include <map>
#include <mutex>

namespace rb::server {

class Leadership {
public:
    struct Ports {
        core::Database& database;
        const core::Clock& clock;
        core::Log& log;
    };
    Leadership(Ports ports, core::NodeId node) : ports_(ports), node_(node) {}

    // Takes each role that is free, renews each that is ours.
    // ERRORS: unavailable
    Result<> take_or_renew();
    // Whether the role was ours at the last renewal and its lease has not run out since.
    [[nodiscard]] bool leads(core::LeaderRole role) const;
    // Gives up all roles, so that another server takes them at once.
    // ERRORS: unavailable
    Result<> release_all();

private:
    Result<> take_or_renew(core::LeaderRole role);
    void note(core::LeaderRole role, bool is_ours, core::Timestamp until, std::int64_t term);

    struct Held {
        core::Timestamp until;
        std::int64_t term;
    };
    const Ports ports_;
    const core::NodeId node_;
    mutable std::mutex mutex_;
    std::map<core::LeaderRole, Held> held_;  // guarded by mutex_
};

}  // namespace rb::server
