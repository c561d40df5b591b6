// Tells the workers of all servers that there are new events; a Listener hears it (listener.hpp).
//
// Neither inside the transaction that made the event nor right behind it. Inside, PostgreSQL would
// commit one transaction after the other, and every paid order would wait for the disk of the one
// before. Behind it, each would pay for a transaction that notifies and for waking the backend of
// every listener, a twelfth of what a paid order costs. A worker tells of all that was made in a
// moment at once (docs/decisions/0019).
//
// A process that ends in between wakes nobody, nor does one in which nobody calls send(): the
// workers' regular look finds the work then.

#pragma once

#include "base/result.hpp"

#include "store_pg/pool.hpp"

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace rb::store_pg {

class Announcer {
public:
    // `pool` must outlive it.
    explicit Announcer(Pool& pool) : pool_(pool) {}

    // Something is committed that workers are to look for. Any thread; costs no round trip.
    void announce();

    // Waits until there is something to tell of and tells of it (true), or until the time is over
    // (false). One thread; how long it rests between two calls is how long a moment is.
    // ERRORS: as Pool::acquire and Connection::run; the next call tells of it then
    Result<bool> send(std::chrono::milliseconds timeout);

private:
    Result<> notify();

    Pool& pool_;
    std::mutex mutex_;
    std::condition_variable announced_;
    bool pending_ = false;  // guarded by mutex_
};

}  // namespace rb::store_pg
