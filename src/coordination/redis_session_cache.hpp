// core::SessionCache in Redis. A key is the token's hash, never the token:
//
//   rustbill:session:<64 hex digits>    "revoked", or
//   <session id> <user id> <last_seen_at µs> <absolute_expires_at µs> <role>
//
// remember() writes only where nothing stands (SET NX), so it cannot overwrite the mark that
// revoke() leaves; both end after session_cache_lifetime. That a session was seen again is
// therefore known to the cache only when the entry has ended, half a minute later at most.

#pragma once

#include "core/identity/session_cache.hpp"

#include "coordination/redis_client.hpp"

namespace rb::coordination {

class RedisSessionCache final : public core::SessionCache {
public:
    // `redis` must outlive it.
    explicit RedisSessionCache(RedisClient& redis) : redis_(redis) {}

    std::optional<core::CachedSession> find(const core::Digest& token_hash) override;
    void remember(const core::Digest& token_hash, const core::CachedSession& session) override;
    void revoke(const core::Digest& token_hash) override;

private:
    [[nodiscard]] std::string key_of(const core::Digest& token_hash) const;

    RedisClient& redis_;
};

}  // namespace rb::coordination
