// core::MutualExclusion by PostgreSQL's session advisory locks (PostgreSQL manual, 13.3.5).
//
// A held lock keeps one connection of the pool until it ends; a holder that dies loses the
// connection and with it the lock. `lifetime` is not needed for that and is ignored.

#pragma once

#include "core/ports/mutual_exclusion.hpp"

#include "store_pg/pool.hpp"

namespace rb::store_pg {

class PgMutualExclusion final : public core::MutualExclusion {
public:
    // Must outlive the locks it gives.
    explicit PgMutualExclusion(Pool& pool) : pool_(pool) {}

    Result<std::unique_ptr<core::HeldLock>> try_lock(std::string_view name,
                                                     std::chrono::milliseconds lifetime) override;

private:
    Pool& pool_;
};

}  // namespace rb::store_pg
