// The pool of connections (operations manual 2.2).
//
// Thread-safe. Who finds no free connection waits in line, first come first served, and gives up
// after acquire_timeout: a full pool is back-pressure, not a queue without end. A connection that
// broke, that is older than max_lifetime or that was idle longer than idle_timeout is replaced,
// never handed out. The pool must outlive its leases.

#pragma once

#include "base/result.hpp"

#include "store_pg/connection.hpp"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <list>
#include <memory>
#include <mutex>
#include <optional>

namespace rb::store_pg {

struct PoolOptions {
    ConnectionOptions connection = {};
    int max_connections = 20;
    int min_connections = 2;
    std::chrono::seconds idle_timeout{300};
    std::chrono::seconds max_lifetime{1800};
    std::chrono::milliseconds acquire_timeout{5000};
    bool test_before_acquire = true;
};

struct PoolStatistics {
    int open = 0;
    int idle = 0;
    int waiting = 0;
    std::uint64_t acquired = 0;
    std::uint64_t timed_out = 0;
    std::uint64_t dropped = 0;
};

class Pool {
public:
    // Makes min_connections at once, so that a wrong URL stops the start.
    // ERRORS: invalid_argument  an option is out of its range
    //         unavailable       the database does not answer
    static Result<std::unique_ptr<Pool>> create(PoolOptions options);
    ~Pool();
    Pool(const Pool&) = delete;
    Pool& operator=(const Pool&) = delete;

    // One borrowed connection; gives it back when it ends.
    class Lease {
    public:
        Lease(Lease&& other) noexcept;
        Lease& operator=(Lease&&) = delete;
        ~Lease();

        Connection& operator*() const { return *connection_; }
        Connection* operator->() const { return connection_.get(); }
        // The connection is in a state nobody may meet again: it is closed instead of given back.
        void condemn() { condemned_ = true; }

    private:
        friend class Pool;
        using Clock = std::chrono::steady_clock;
        Lease(Pool& pool, std::unique_ptr<Connection> connection, Clock::time_point born)
            : pool_(&pool), connection_(std::move(connection)), born_(born) {}
        Pool* pool_;
        std::unique_ptr<Connection> connection_;
        Clock::time_point born_;
        bool condemned_ = false;
    };

    // ERRORS: unavailable  none came free within acquire_timeout, or the database does not answer
    Result<Lease> acquire();

    // Closes what is idle or old beyond its time and refills up to min_connections. Called now and
    // then by a worker; acquire() and giving back keep the rules by themselves.
    void prune();

    [[nodiscard]] PoolStatistics statistics() const;
    [[nodiscard]] const PoolOptions& options() const { return options_; }

private:
    using Clock = std::chrono::steady_clock;
    struct Idle {
        std::unique_ptr<Connection> connection;
        Clock::time_point born;
        Clock::time_point since;
    };
    // Shared with who serves it: he wakes it when he has let go of the mutex, for one that is woken
    // before would only wait for the mutex again.
    struct Waiter {
        std::condition_variable wake;
        // Set when this waiter may go on: with a connection, or with the right to open one.
        bool served = false;
        std::optional<Idle> given;
    };

    explicit Pool(PoolOptions options) : options_(std::move(options)) {}

    void give_back(Lease& lease);
    using Served = std::shared_ptr<Waiter>;
    static void wake(const Served& waiter);
    // Both REQUIRE that the mutex is held, and answer whom to wake() without it; may be nobody.
    // Passes the right to open a connection to who waits longest.
    [[nodiscard]] Served release_slot();
    // Passes the connection to who waits longest, or keeps it.
    [[nodiscard]] Served pass_on(Idle&& idle);
    bool is_usable(Idle& idle);
    Result<Idle> open_one();

    const PoolOptions options_;
    mutable std::mutex mutex_;
    // State below is protected by mutex_.
    std::deque<Idle> idle_;  // the most recently used at the back
    std::list<std::shared_ptr<Waiter>> waiters_;
    int open_ = 0;
    PoolStatistics counters_;
};

}  // namespace rb::store_pg
