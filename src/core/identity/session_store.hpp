// The ports to sessions, refresh tokens and verification codes. Lifetime, threads and the common
// errors as in user_store.hpp.

#pragma once

#include "base/result.hpp"

#include "core/identity/session.hpp"
#include "core/identity/verification_code.hpp"

#include <vector>

namespace rb::core {

class SessionStore {
public:
    virtual ~SessionStore() = default;

    virtual Result<> insert(const Session& session) = 0;
    virtual Result<> touch(SessionId id, Timestamp seen_at) = 0;
    // Whether it exists and was not revoked; how old it is does not count.
    virtual Result<bool> is_open(SessionId id) = 0;
    // Both revoke what is not revoked yet and return the hashes of what they revoked.
    virtual Result<std::vector<Digest>> revoke(SessionId id, Timestamp at) = 0;
    // All but `kept`; a nil id keeps none.
    virtual Result<std::vector<Digest>> revoke_all_of(UserId user, SessionId kept,
                                                      Timestamp at) = 0;
    // Up to `limit` whose absolute end was before that time; returns how many.
    virtual Result<int> remove_ended(Timestamp before, int limit) = 0;
};

class RefreshTokenStore {
public:
    virtual ~RefreshTokenStore() = default;

    virtual Result<> insert(const RefreshToken& token) = 0;
    virtual Result<std::optional<RefreshToken>> find_by_token_hash(const Digest& token_hash) = 0;
    virtual Result<> mark_used(Uuid id, Timestamp at) = 0;
    // As SessionStore::is_open.
    virtual Result<bool> is_family_open(Uuid family) = 0;
    virtual Result<> revoke_family(Uuid family, Timestamp at) = 0;
    // All but the family `kept`; a nil one keeps none.
    virtual Result<> revoke_all_of(UserId user, Uuid kept, Timestamp at) = 0;
    // Up to `limit` tokens of families whose every token expired before that time; returns how
    // many. A family that is not yet gone as a whole keeps its newest token to the last.
    virtual Result<int> remove_ended_families(Timestamp before, int limit) = 0;
};

class VerificationCodeStore {
public:
    virtual ~VerificationCodeStore() = default;

    virtual Result<> insert(const VerificationCode& code) = 0;
    virtual Result<std::optional<VerificationCode>> find(Uuid id) = 0;
    // The newest for the address (case does not matter), locked until the unit ends.
    virtual Result<std::optional<VerificationCode>> find_newest_for_update(
        std::string_view email, VerificationPurpose purpose) = 0;
    virtual Result<> count_attempt(Uuid id) = 0;
    virtual Result<> consume(Uuid id, Timestamp at) = 0;
    // Up to `limit` that expired before that time, used or not; returns how many.
    virtual Result<int> remove_expired(Timestamp before, int limit) = 0;
};

}  // namespace rb::core
