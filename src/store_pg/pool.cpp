#include "store_pg/pool.hpp"

#include <utility>
#include <vector>

namespace rb::store_pg {
namespace {

constexpr Statement select_one{"pool_select_one", "SELECT 1"};

Result<> check(const PoolOptions& options) {
    if (options.max_connections < 1 || options.max_connections > pool_connections_max) {
        return invalid_field("db.max_connections",
                             "must be 1 to " + std::to_string(pool_connections_max));
    }
    if (options.min_connections < 0 || options.min_connections > options.max_connections) {
        return invalid_field("db.min_connections", "must be 0 to db.max_connections");
    }
    return {};
}

}  // namespace

Result<std::unique_ptr<Pool>> Pool::create(PoolOptions options) {
    TRY(check(options));
    std::unique_ptr<Pool> pool(new Pool(std::move(options)));
    for (int made = 0; made < pool->options_.min_connections; ++made) {
        auto idle = TRY(pool->open_one());
        pool->idle_.push_back(std::move(idle));
        ++pool->open_;
    }
    return pool;
}

Pool::~Pool() {
    ASSERT(waiters_.empty());
    ASSERT(static_cast<int>(idle_.size()) == open_);
}

Pool::Lease::Lease(Lease&& other) noexcept
    : pool_(other.pool_),
      connection_(std::move(other.connection_)),
      born_(other.born_),
      condemned_(other.condemned_) {}

Pool::Lease::~Lease() {
    if (connection_) pool_->give_back(*this);
}

Result<Pool::Idle> Pool::open_one() {
    auto connection = TRY(Connection::open(options_.connection));
    const auto now = Clock::now();
    Idle idle{.connection = {}, .born = now, .since = now};
    idle.connection = std::make_unique<Connection>(std::move(connection));
    return idle;
}

bool Pool::is_usable(Idle& idle) {
    const auto now = Clock::now();
    if (now - idle.born > options_.max_lifetime) return false;
    if (now - idle.since > options_.idle_timeout) return false;
    if (!options_.test_before_acquire) return true;
    if (now - idle.since < trusted_idle) return idle.connection->looks_alive();
    return idle.connection->run(select_one).has_value();
}

Result<Pool::Lease> Pool::acquire() {
    const auto deadline = Clock::now() + options_.acquire_timeout;
    std::unique_lock lock(mutex_);
    std::optional<Idle> candidate;
    if (waiters_.empty() && !idle_.empty()) {
        candidate = std::move(idle_.back());
        idle_.pop_back();
    } else if (waiters_.empty() && open_ < options_.max_connections) {
        ++open_;
    } else {
        const auto self = std::make_shared<Waiter>();
        waiters_.push_back(self);
        while (!self->served && self->wake.wait_until(lock, deadline) != std::cv_status::timeout) {
        }
        if (!self->served) {
            waiters_.remove(self);
            ++counters_.timed_out;
            return Error{ErrorCode::unavailable, "the server is busy; try again"}.with_detail(
                "no database connection came free in time");
        }
        candidate = std::move(self->given);
    }
    // From here this thread owns one of the open_ slots, with or without a connection in it.
    ++counters_.acquired;
    lock.unlock();
    if (candidate && is_usable(*candidate)) {
        return Lease(*this, std::move(candidate->connection), candidate->born);
    }
    const bool dropped = candidate.has_value();
    candidate.reset();
    auto fresh = open_one();
    if (dropped || fresh.has_error()) {
        lock.lock();
        if (dropped) ++counters_.dropped;
        const auto next = fresh.has_error() ? release_slot() : nullptr;
        lock.unlock();
        wake(next);
    }
    if (fresh.has_error()) return fresh.error();
    return Lease(*this, std::move(fresh->connection), fresh->born);
}

void Pool::wake(const Served& waiter) {
    if (waiter) waiter->wake.notify_one();
}

Pool::Served Pool::release_slot() {
    if (waiters_.empty()) {
        --open_;
        return nullptr;
    }
    auto next = std::move(waiters_.front());
    waiters_.pop_front();
    next->served = true;
    return next;
}

Pool::Served Pool::pass_on(Idle&& idle) {
    if (waiters_.empty()) {
        idle_.push_back(std::move(idle));
        return nullptr;
    }
    auto next = std::move(waiters_.front());
    waiters_.pop_front();
    next->given = std::move(idle);
    next->served = true;
    return next;
}

void Pool::give_back(Lease& lease) {
    const auto now = Clock::now();
    const bool keep = !lease.condemned_ && !lease.connection_->is_broken() &&
                      now - lease.born_ <= options_.max_lifetime;
    // Closing talks to the network: not under the mutex.
    if (!keep) lease.connection_.reset();
    std::unique_lock lock(mutex_);
    if (!keep) ++counters_.dropped;
    const auto next =
        keep ? pass_on({std::move(lease.connection_), lease.born_, now}) : release_slot();
    lock.unlock();
    wake(next);
}

void Pool::prune() {
    std::deque<Idle> expired;
    std::vector<Served> served;
    int missing = 0;
    {
        const auto now = Clock::now();
        const std::lock_guard lock(mutex_);
        std::deque<Idle> kept;
        for (auto& idle : idle_) {
            const bool old = now - idle.born > options_.max_lifetime;
            const bool unused = now - idle.since > options_.idle_timeout &&
                                open_ - static_cast<int>(expired.size()) > options_.min_connections;
            auto& target = old || unused ? expired : kept;
            target.push_back(std::move(idle));
        }
        idle_ = std::move(kept);
        for (std::size_t i = 0; i < expired.size(); ++i) served.push_back(release_slot());
        counters_.dropped += expired.size();
        missing = std::max(0, options_.min_connections - open_);
        open_ += missing;
    }
    for (const auto& waiter : served) wake(waiter);
    for (; missing > 0; --missing) {
        auto fresh = open_one();
        std::unique_lock lock(mutex_);
        const auto next = fresh ? pass_on(std::move(*fresh)) : release_slot();
        lock.unlock();
        wake(next);
    }
}

PoolStatistics Pool::statistics() const {
    const std::lock_guard lock(mutex_);
    auto statistics = counters_;
    statistics.open = open_;
    statistics.idle = static_cast<int>(idle_.size());
    statistics.waiting = static_cast<int>(waiters_.size());
    return statistics;
}

}  // namespace rb::store_pg
