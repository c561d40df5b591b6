// What is remembered of a session so that not every request asks the database (operations manual
// 9.10: "Redis cache-aside", or nothing at all).
//
// A cache is allowed to forget, never to lie for long. Who revokes a session revokes it here as
// well, which leaves a mark that a late remember() cannot overwrite; entries end by themselves
// after session_cache_lifetime, should the mark not have reached the cache.

#pragma once

#include "core/identity/session.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace rb::core {

namespace limits {
// How long a revoked session could live on in a cache that was away when it was revoked.
constexpr std::chrono::seconds session_cache_lifetime{30};
}  // namespace limits

struct CachedSession {
    SessionId id;
    UserId user;
    std::string role;
    Timestamp last_seen_at = {};
    Timestamp absolute_expires_at = {};
    // The mark: it was revoked; the rest means nothing.
    bool is_revoked = false;
};

class SessionCache {
public:
    virtual ~SessionCache() = default;

    // Thread-safe. Never fails: a cache that cannot answer knows nothing.
    virtual std::optional<CachedSession> find(const Digest& token_hash) = 0;
    // Does nothing when the session is marked as revoked.
    virtual void remember(const Digest& token_hash, const CachedSession& session) = 0;
    virtual void revoke(const Digest& token_hash) = 0;
};

// Without Redis.
class NoSessionCache final : public SessionCache {
public:
    std::optional<CachedSession> find(const Digest&) override { return std::nullopt; }
    void remember(const Digest&, const CachedSession&) override {}
    void revoke(const Digest&) override {}
};

}  // namespace rb::core
