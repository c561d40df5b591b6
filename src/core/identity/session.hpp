// What stands behind a sign-in: an administrator's session, a customer's family of refresh tokens.
// Of each secret only the SHA-256 is kept.

#pragma once

#include "core/identity/user.hpp"
#include "core/ports/digester.hpp"

#include <optional>

namespace rb::core {

struct Session {
    SessionId id;
    UserId user;
    Digest token_hash = {};
    Timestamp created_at = {};
    Timestamp last_seen_at = {};
    Timestamp absolute_expires_at = {};
    std::optional<Timestamp> revoked_at = {};
    std::string ip = {};
    std::string user_agent = {};
};

struct RefreshToken {
    Uuid id;
    // All tokens that descend from one login.
    Uuid family;
    UserId user;
    Digest token_hash = {};
    Timestamp created_at = {};
    Timestamp expires_at = {};
    std::optional<Timestamp> used_at = {};
    std::optional<Timestamp> revoked_at = {};
};

// Where a sign-in came from, for the session list and the operation log.
struct ClientInfo {
    std::string ip = {};
    std::string user_agent = {};
    std::string request_id = {};
};

}  // namespace rb::core
