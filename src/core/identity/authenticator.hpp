// From a credential to an Actor. Each call takes what one kind of credential carries; which header
// it came in is the server's business.
//
// Thread-safe. ERRORS of all three: unauthenticated (the credential is unknown, expired, revoked,
// or its owner is disabled: alike for the caller, the detail says which); unavailable when the
// database cannot be asked.

#pragma once

#include "base/result.hpp"

#include "core/identity/access_token.hpp"
#include "core/identity/actor.hpp"
#include "core/identity/session.hpp"
#include "core/identity/session_cache.hpp"
#include "core/identity/session_cookie.hpp"
#include "core/ports/clock.hpp"

#include <chrono>
#include <string_view>

namespace rb::core {

class Database;

class Authenticator {
public:
    struct Ports {
        Database& database;
        const AccessTokens& access_tokens;
        const Digester& digester;
        SessionCache& session_cache;
        const Clock& clock;
    };
    Authenticator(Ports ports, SessionSettings settings)
        : ports_(ports), settings_(std::move(settings)) {}

    // An administrator. Writes last_seen_at at most once a minute, or twice within the idle limit
    // where that is shorter.
    Result<Actor> by_session(std::string_view token, const ClientInfo& client);
    // A customer user. The signature is checked before the database is asked; then that the user,
    // his membership and the token's family still stand, and that the password was not changed
    // since.
    Result<Actor> by_access_token(std::string_view token, const ClientInfo& client);
    // A customer's program. Writes last_used_at at most once a minute.
    Result<Actor> by_api_key(std::string_view key, const ClientInfo& client);

private:
    // How long a session counts as seen without being written to.
    [[nodiscard]] std::chrono::seconds last_seen_interval() const;

    Ports ports_;
    SessionSettings settings_;
};

}  // namespace rb::core
