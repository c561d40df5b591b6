// How a user gets second factors, sees them and takes them away, and how an operator helps who has
// lost his.
//
// Thread-safe. Getting one takes two calls, so that nobody locks himself out with a factor that
// does not work; between the two nothing is stored. The first asks for the password again, and the
// second is void when the password was changed in between. Every change is in the operation log
// and ends all other sign-ins of the user.

#pragma once

#include "base/result.hpp"

#include "core/identity/actor.hpp"
#include "core/identity/origin_check.hpp"
#include "core/identity/password_hasher.hpp"
#include "core/identity/session_cache.hpp"
#include "core/operation_log/operation_log.hpp"
#include "core/ports/clock.hpp"
#include "core/ports/id_source.hpp"
#include "core/ports/random_source.hpp"
#include "core/second_factor/second_factor_gate.hpp"

#include <functional>
#include <string>
#include <vector>

namespace rb::core {

class Database;
class UnitOfWork;

struct SecondFactorOverview {
    SecondFactors factors;
    // Oldest first.
    std::vector<Passkey> passkeys;
    // He may do nothing else until he has one.
    bool is_required = false;
};

struct TotpEnrolment {
    // base32
    std::string secret;
    // otpauth://totp/… (the Key URI Format of Google Authenticator, which all apps read).
    std::string uri;
    // For confirm_totp.
    std::string ticket;
};

struct PasskeyEnrolment {
    std::string challenge;
    std::string relying_party;
    User user;
    std::vector<Passkey> known;
};

struct NewPasskey {
    std::string name;
    std::string client_data_json;
    std::string authenticator_data;
};

struct ConfirmedPasskey {
    Passkey passkey;
    // As confirm_totp's.
    std::vector<std::string> recovery_codes;
};

class SecondFactorService {
public:
    struct Ports {
        Database& database;
        PasswordHasher& passwords;
        const OneTimePasswords& one_time_passwords;
        const PasskeyVerifier& passkeys;
        const SecretSealer& sealer;
        const Digester& digester;
        SessionCache& session_cache;
        const Clock& clock;
        IdSource& ids;
        RandomSource& random;
    };
    explicit SecondFactorService(Ports ports) : ports_(ports) {}

    // ERRORS of all calls with an actor: permission_denied (he is no user); those with a password:
    // as check_own_password; those that change something: as check_still_signed_in
    // (own_password.hpp).

    Result<SecondFactorOverview> overview(const Actor& actor);

    // `page`: where the user is; names the entry in his app.
    // ERRORS: failed_precondition  he has one already
    Result<TotpEnrolment> begin_totp(const Actor& actor, std::string_view password,
                                     const RequestOrigin& page);
    // Returns recovery codes when this is his first factor, nothing otherwise.
    // ERRORS: invalid_argument     (code) is not the app's
    //         failed_precondition  the ticket is not his, or void; he has one already
    Result<std::vector<std::string>> confirm_totp(const Actor& actor, std::string_view ticket,
                                                  std::string_view code);
    // With the last factor the recovery codes go too.
    // ERRORS: not_found  there is none
    Result<> remove_totp(const Actor& actor, std::string_view password);

    // ERRORS: failed_precondition  relying_party_of; or he has passkeys_per_user_max
    Result<PasskeyEnrolment> begin_passkey(const Actor& actor, std::string_view password,
                                           const RequestOrigin& page);
    // ERRORS: invalid_argument     name, client_data_json or authenticator_data
    //         failed_precondition  the challenge is not his, or void; he has too many
    //         already_exists       the passkey is known
    Result<ConfirmedPasskey> confirm_passkey(const Actor& actor, const NewPasskey& passkey,
                                             const RequestOrigin& page);
    // ERRORS: not_found  he has none of that id
    Result<> remove_passkey(const Actor& actor, std::string_view password, PasskeyId id);

    // ERRORS: failed_precondition  he has no factor
    Result<std::vector<std::string>> renew_recovery_codes(const Actor& actor,
                                                          std::string_view password);

    // What somebody signs in by passkey with; asks nobody and stores nothing.
    // ERRORS: failed_precondition  relying_party_of
    struct SignInChallenge {
        std::string challenge;
        std::string relying_party;
    };
    Result<SignInChallenge> begin_sign_in(const RequestOrigin& page);

private:
    // What a change is made under: the user's row is locked.
    struct Changing {
        UnitOfWork& unit;
        const User& user;
        // As they were before.
        const SecondFactors& factors;
        Timestamp now;
    };
    // For the operation log.
    struct Changed {
        std::string action;
        Changes changes = {};
    };
    // Runs `work` in one transaction, which may be tried again, with the log entry and the end of
    // all other sign-ins. `verified`: the user whose password was checked before, if it was.
    Result<> change(const Actor& actor, const User* verified, std::string_view point,
                    const std::function<Result<Changed>(const Changing&)>& work);
    // Empty when he had a factor before.
    Result<std::vector<std::string>> first_recovery_codes(const Changing& changing);
    Result<std::vector<std::string>> make_recovery_codes(const Changing& changing);
    // After a factor went: takes along what makes no sense without a factor.
    Result<> forget_rest_unless(bool has_any_left, const Changing& changing);

    Ports ports_;
};

}  // namespace rb::core
