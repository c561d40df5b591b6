// SecondFactorGate: whether what somebody who signs in shows besides his password is enough.
//
// Stateless; thread-safe. Each call acts in the unit given, under the lock of the user's row.

#pragma once

#include "base/result.hpp"

#include "core/identity/user.hpp"
#include "core/ports/digester.hpp"
#include "core/ports/secret_sealer.hpp"
#include "core/second_factor/one_time_passwords.hpp"
#include "core/second_factor/passkey_verifier.hpp"
#include "core/second_factor/second_factor.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace rb::core {

class UnitOfWork;

// As Login's PasskeyAssertion carries it: bytes of a stranger.
struct PasskeyAssertion {
    std::string credential_id;
    std::string client_data_json;
    std::string authenticator_data;
    std::string signature;
};

struct CodeVerdict {
    // For the operation log: `totp`, `recovery_code`; empty when the user has no factor.
    std::string_view shown = {};
    // Nothing: he may come in.
    std::optional<Error> refusal = {};
};

class SecondFactorGate {
public:
    struct Ports {
        const OneTimePasswords& one_time_passwords;
        const PasskeyVerifier& passkeys;
        const SecretSealer& sealer;
        const Digester& digester;
    };
    explicit SecondFactorGate(Ports ports) : ports_(ports) {}

    // After a right password. `code` is what the app shows or a recovery code; a user without a
    // factor needs none, and what he gives is not looked at. A code is good once, and wrong ones
    // are counted.
    //
    // A refusal is a value because it must be committed with its count:
    //     second_factor_required  there is no code
    //     unauthenticated         it is wrong or was used already
    //     too_many_requests       wrong_codes_max of wrong_codes_window were wrong; a right one is
    //                             not taken either
    // ERRORS: of the stores; failed_precondition (code)  the secret of his app cannot be read with
    //                                                    this server's key (SecretSealer)
    Result<CodeVerdict> check_code(UnitOfWork& unit, const User& user, std::string_view code,
                                   Timestamp now) const;

    // The passkey, which alone is two factors: something he has, and that he unlocked it. Locks its
    // user's row, and spends the challenge.
    //
    // ERRORS: unauthenticated  for whatever reason: the caller hears one sentence, the log the
    //                          reason
    Result<Passkey> check_passkey(UnitOfWork& unit, const PasskeyAssertion& assertion,
                                  Timestamp now) const;

private:
    Result<std::string_view> recognize(UnitOfWork& unit, const User& user,
                                       const SecondFactors& factors, std::string_view code,
                                       Timestamp now) const;

    Ports ports_;
};

// What challenges for signing in are made for (passkey_challenge.hpp).
inline constexpr std::string_view passkey_sign_in_purpose = "sign in";

// A code without the blanks that apps show and people type in it. What comes after
// typed_code_bytes_max is not read.
std::string read_typed_code(std::string_view typed);

// Under which a user's TOTP secret is sealed.
std::string totp_secret_owner(UserId user);
inline constexpr std::string_view totp_secret_field = "totp_secret";

}  // namespace rb::core
