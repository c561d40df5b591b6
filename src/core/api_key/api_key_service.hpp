// API keys: made, listed, revoked. Thread-safe.

#pragma once

#include "base/result.hpp"

#include "core/api_key/api_key.hpp"
#include "core/identity/actor.hpp"
#include "core/ports/clock.hpp"
#include "core/ports/id_source.hpp"

#include <optional>
#include <string>
#include <vector>

namespace rb::core {

class Database;

struct NewApiKey {
    std::string name;
    // Nothing: the actor's own.
    std::optional<CustomerId> customer = {};
    // Empty: all a key may do.
    std::vector<std::string> scopes = {};
    std::optional<Timestamp> expires_at = {};
};

struct CreatedApiKey {
    // The only time anybody sees it.
    std::string text;
    ApiKey key;
};

class ApiKeyService {
public:
    struct Ports {
        Database& database;
        const Digester& digester;
        const Clock& clock;
        IdSource& ids;
        RandomSource& random;
    };
    explicit ApiKeyService(Ports ports) : ports_(ports) {}

    // ERRORS: invalid_argument     name, scopes, expires_at (not in the future), customer_id (an
    //                              administrator names one)
    //         permission_denied    the customer may not make keys (can_create_api_keys); the
    //         message
    //                              holds `permission_denied`, as the public client looks for it
    //         failed_precondition  he has api_keys_per_customer_max valid keys
    //         not_found            no such customer, or not the actor's
    Result<CreatedApiKey> create(const Actor& actor, const NewApiKey& request);

    // ERRORS: as create
    Result<std::vector<ApiKey>> list(const Actor& actor, std::optional<CustomerId> customer);

    // From the next call on the key opens nothing. Repeating it is not an error.
    // ERRORS: not_found  no such key, or not the actor's
    Result<> revoke(const Actor& actor, ApiKeyId id);

private:
    Ports ports_;
};

}  // namespace rb::core
