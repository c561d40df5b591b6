#include "store_pg/advisory_lock.hpp"

namespace rb::store_pg {

namespace {

// Names share the space of 64-bit numbers with other users of advisory locks; the prefix keeps ours
// apart as far as a hash can.
constexpr Statement take_lock{
    "advisory_lock_take", "SELECT pg_try_advisory_lock(hashtextextended('rustbill:' || $1, 0))"};
constexpr Statement release_lock{
    "advisory_lock_release", "SELECT pg_advisory_unlock(hashtextextended('rustbill:' || $1, 0))"};

class PgHeldLock final : public core::HeldLock {
public:
    PgHeldLock(Pool::Lease lease, std::string name)
        : lease_(std::move(lease)), name_(std::move(name)) {}
    ~PgHeldLock() override {
        const auto released = lease_->run(release_lock, Parameters::of(name_));
        // The server frees the lock with the connection; it must not go back holding it.
        if (released.has_error() || !released->front().boolean(0)) lease_.condemn();
    }
    PgHeldLock(const PgHeldLock&) = delete;
    PgHeldLock& operator=(const PgHeldLock&) = delete;

private:
    Pool::Lease lease_;
    const std::string name_;
};

}  // namespace

Result<std::unique_ptr<core::HeldLock>> PgMutualExclusion::try_lock(std::string_view name,
                                                                    std::chrono::milliseconds) {
    auto lease = TRY(pool_.acquire());
    const auto taken = TRY(lease->run(take_lock, Parameters::of(name)));
    if (!taken.front().boolean(0)) return std::unique_ptr<core::HeldLock>();
    return std::unique_ptr<core::HeldLock>(
        std::make_unique<PgHeldLock>(std::move(lease), std::string(name)));
}

}  // namespace rb::store_pg
