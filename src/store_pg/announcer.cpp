#include "store_pg/announcer.hpp"

#include "store_pg/listener.hpp"

namespace rb::store_pg {
namespace {

constexpr Statement notify_statement{"announcer_notify", "SELECT pg_notify($1, '')"};

}  // namespace

void Announcer::announce() {
    {
        const std::lock_guard lock(mutex_);
        if (pending_) return;
        pending_ = true;
    }
    announced_.notify_one();
}

Result<bool> Announcer::send(std::chrono::milliseconds timeout) {
    {
        std::unique_lock lock(mutex_);
        if (!announced_.wait_for(lock, timeout, [this] { return pending_; })) return false;
        // What is announced from here on may be committed too late for this NOTIFY.
        pending_ = false;
    }
    const auto told = notify();
    if (told.has_value()) return true;
    announce();
    return told.error();
}

Result<> Announcer::notify() {
    auto lease = TRY(pool_.acquire());
    TRY(lease->run(notify_statement, Parameters::of(events_channel)));
    return {};
}

}  // namespace rb::store_pg
