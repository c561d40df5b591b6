// core::MutualExclusion by SET NX, and by another while Redis is away.
//
// A key holds a random token; only who knows it deletes the key, so a holder whose time ran out
// does not free his successor's lock.

#pragma once

#include "core/ports/mutual_exclusion.hpp"
#include "core/ports/random_source.hpp"

#include "coordination/redis_client.hpp"

namespace rb::coordination {

class RedisMutualExclusion final : public core::MutualExclusion {
public:
    // All must outlive it, and it the locks it gives. `otherwise` is asked while Redis is away.
    RedisMutualExclusion(RedisClient& redis, core::RandomSource& random,
                         core::MutualExclusion& otherwise)
        : redis_(redis), random_(random), otherwise_(otherwise) {}

    Result<std::unique_ptr<core::HeldLock>> try_lock(std::string_view name,
                                                     std::chrono::milliseconds lifetime) override;

private:
    RedisClient& redis_;
    core::RandomSource& random_;
    core::MutualExclusion& otherwise_;
};

}  // namespace rb::coordination
