// The port that turns a credential into who it belongs to: one statement each, for it runs before
// every call. Lifetime and threads as in user_store.hpp.

#pragma once

#include "base/result.hpp"

#include "core/api_key/api_key.hpp"
#include "core/identity/session.hpp"

#include <optional>

namespace rb::core {

struct SessionCredential {
    Session session;
    // Without the password hash.
    User user;
    // The operator requires a second factor of administrators, and this one has none.
    bool lacks_second_factor = false;
};

// Of a user only what decides whether a token of his is good.
struct FamilyCredential {
    bool is_active = false;
    UserType type = UserType::customer;
    Timestamp credentials_changed_at = {};
    // The customer the token was issued for, when the user still belongs to it and it is active.
    bool is_member = false;
    // The family holds a token that is neither revoked nor expired.
    bool is_family_alive = false;
};

struct ApiKeyCredential {
    ApiKey key;
    bool is_customer_active = false;
};

class CredentialStore {
public:
    virtual ~CredentialStore() = default;

    virtual Result<std::optional<SessionCredential>> find_session(const Digest& token_hash) = 0;
    virtual Result<std::optional<FamilyCredential>> find_family(UserId user, CustomerId customer,
                                                                Uuid family, Timestamp now) = 0;
    virtual Result<std::optional<ApiKeyCredential>> find_api_key(const Digest& key_hash) = 0;
};

}  // namespace rb::core
