// The port to the outbox. Calls act inside the UnitOfWork the store was taken from and must not
// outlive it.

#pragma once

#include "base/result.hpp"

#include "core/event/event.hpp"
#include "core/page.hpp"

#include <chrono>
#include <optional>
#include <string_view>
#include <vector>

namespace rb::core {

class EventStore {
public:
    virtual ~EventStore() = default;

    // Seen by workers once the unit commits, which also wakes them. A known dedupe_key: nothing
    // happens, and that is no error.
    virtual Result<> enqueue(const Event& event) = 0;
    // Takes up to `limit` due events of these kinds for `worker`, oldest first, skipping what
    // others hold. Each counts one more attempt. `worker` is "<node id>/<which>".
    virtual Result<std::vector<Event>> lease(std::string_view worker,
                                             const std::vector<EventKind>& kinds, Timestamp now,
                                             std::chrono::seconds duration, int limit) = 0;
    // Holds it until then. False when the lease was lost to another worker meanwhile.
    virtual Result<bool> renew_lease(EventId id, std::string_view worker, Timestamp until) = 0;
    // Frees what workers of these nodes, which are dead, hold; returns how many events.
    virtual Result<int> release_leases_of(const std::vector<NodeId>& nodes) = 0;
    // The work is done: the row goes. False when the lease was lost to another worker meanwhile.
    virtual Result<bool> finish(EventId id, std::string_view worker) = 0;
    // Again at `run_at`. `counts`: whether the attempt just made is one of those allowed.
    enum class Counts { yes, no };
    virtual Result<bool> postpone(EventId id, std::string_view worker, Timestamp run_at,
                                  std::string_view error, Counts counts) = 0;
    // The tries are used up: parked where an operator sees it.
    virtual Result<bool> bury(EventId id, std::string_view worker, std::string_view error) = 0;
    // An operator has repaired the cause: due at once, with all its tries.
    // Nothing when it is not a dead letter.
    virtual Result<std::optional<Event>> replay(EventId id, Timestamp now) = 0;
    // Whether work of this kind on this subject is still to be done, or under way.
    virtual Result<bool> is_outstanding(EventKind kind, Uuid subject) = 0;
    virtual Result<Page<Event>> list_dead(PageRequest page) = 0;
    // Due and waiting, the oldest of them, and dead: what an operator watches.
    struct Backlog {
        std::uint64_t waiting = 0;
        std::uint64_t dead = 0;
        std::optional<Timestamp> oldest = {};
    };
    virtual Result<Backlog> backlog(Timestamp now) = 0;
};

}  // namespace rb::core
