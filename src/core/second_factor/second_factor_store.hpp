// The port to second factors. Lifetime, threads and the common errors as in user_store.hpp. Who
// writes, or reads to decide, holds the user's row (UserStore::find_for_update).

#pragma once

#include "base/result.hpp"

#include "core/ports/digester.hpp"
#include "core/second_factor/second_factor.hpp"

#include <vector>

namespace rb::core {

class SecondFactorStore {
public:
    virtual ~SecondFactorStore() = default;

    virtual Result<SecondFactors> find(UserId user) = 0;
    // TOTP, passkeys, recovery codes and the count of wrong ones.
    virtual Result<> remove_all(UserId user) = 0;

    virtual Result<> insert_totp(UserId user, const Totp& totp) = 0;
    virtual Result<> save_totp_step(UserId user, std::int64_t step) = 0;
    virtual Result<> remove_totp(UserId user) = 0;

    // ERRORS: already_exists  the credential is somebody's
    virtual Result<> insert_passkey(const Passkey& passkey) = 0;
    virtual Result<std::optional<Passkey>> find_passkey(std::string_view credential_id) = 0;
    // Oldest first.
    virtual Result<std::vector<Passkey>> passkeys_of(UserId user) = 0;
    virtual Result<> save_passkey_use(PasskeyId id, std::uint32_t sign_count, Timestamp at) = 0;
    virtual Result<> remove_passkey(PasskeyId id) = 0;

    virtual Result<> replace_recovery_codes(UserId user, const std::vector<Digest>& hashes) = 0;
    // Whether the code was there; it is gone.
    virtual Result<bool> spend_recovery_code(UserId user, const Digest& hash) = 0;

    virtual Result<std::optional<WrongCodes>> wrong_codes_of(UserId user) = 0;
    virtual Result<> save_wrong_codes(UserId user, const WrongCodes& wrong) = 0;
    virtual Result<> forget_wrong_codes(UserId user) = 0;

    // False when it was spent before; also of two calls at the same moment.
    virtual Result<bool> spend_challenge(const Digest& hash, Timestamp expires_at) = 0;
    // Up to `limit` that expired before that time; returns how many.
    virtual Result<int> remove_expired_challenges(Timestamp before, int limit) = 0;

    virtual Result<bool> is_required_of_admins() = 0;
    virtual Result<> require_of_admins(bool is_required) = 0;
};

}  // namespace rb::core
