// A lock between servers, for work that several may start but one should do (operations
// manual 9.10: Redis SET NX, or a PostgreSQL advisory lock). It saves work; it does not guard
// money: what must happen once is kept by the database's unique keys.

#pragma once

#include "base/result.hpp"

#include <chrono>
#include <memory>
#include <string_view>

namespace rb::core {

// Held until it ends.
class HeldLock {
public:
    virtual ~HeldLock() = default;
};

class MutualExclusion {
public:
    virtual ~MutualExclusion() = default;

    // Thread-safe; does not wait. nullptr: somebody else holds it. A holder that dies loses it,
    // after `lifetime` at the latest; work that takes longer than that must bear a second worker.
    // ERRORS: unavailable  nobody can be asked
    virtual Result<std::unique_ptr<HeldLock>> try_lock(std::string_view name,
                                                       std::chrono::milliseconds lifetime) = 0;
};

}  // namespace rb::core
