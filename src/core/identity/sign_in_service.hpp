// Signing in, staying signed in, signing out, changing the password.
//
// Thread-safe. A password is hashed while no database connection is held; afterwards the user is
// read again under a lock, so that a password changed in between lets nobody in.

#pragma once

#include "base/result.hpp"

#include "core/identity/access_token.hpp"
#include "core/identity/actor.hpp"
#include "core/identity/password_hasher.hpp"
#include "core/identity/session.hpp"
#include "core/identity/session_cache.hpp"
#include "core/identity/session_cookie.hpp"
#include "core/identity/sign_in.hpp"
#include "core/ports/clock.hpp"
#include "core/ports/id_source.hpp"
#include "core/ports/random_source.hpp"
#include "core/second_factor/second_factor_gate.hpp"

#include <string>
#include <string_view>

namespace rb::core {

class Database;
class UnitOfWork;

struct SignInSettings {
    std::chrono::seconds access_token_lifetime = std::chrono::hours(24);
    // At least; never shorter than an access token's, which is void without its family.
    std::chrono::seconds refresh_token_lifetime = std::chrono::days(30);
    SessionSettings session = {};
};

class SignInService {
public:
    struct Ports {
        Database& database;
        PasswordHasher& passwords;
        const SecondFactorGate& second_factors;
        const AccessTokens& access_tokens;
        const Digester& digester;
        SessionCache& session_cache;
        const Clock& clock;
        IdSource& ids;
        RandomSource& random;
    };
    SignInService(Ports ports, SignInSettings settings)
        : ports_(ports), settings_(std::move(settings)) {}

    // `code`: what a user with a second factor shows besides (SecondFactorGate::check_code).
    //
    // ERRORS (both): unauthenticated         unknown user, wrong password, disabled account: alike,
    //                                        and after the same time; or the code is wrong
    //                second_factor_required  the password is right, and there is no code
    //                too_many_requests       too many passwords are being hashed, or too many codes
    //                                        were wrong
    //                failed_precondition     his app's secret cannot be read any more
    Result<CustomerSignIn> sign_in_customer(std::string_view username, std::string_view password,
                                            const ClientInfo& client, std::string_view code = {});
    Result<AdminSignIn> sign_in_admin(std::string_view username, std::string_view password,
                                      const ClientInfo& client, std::string_view code = {});

    // ERRORS (both): unauthenticated  SecondFactorGate::check_passkey; the user is disabled or of
    //                                 the other kind
    Result<CustomerSignIn> sign_in_customer(const PasskeyAssertion& passkey,
                                            const ClientInfo& client);
    Result<AdminSignIn> sign_in_admin(const PasskeyAssertion& passkey, const ClientInfo& client);

    // Spends the token and gives a new pair of the same family. Of two calls with one token the
    // second finds it spent, which may be a thief's: the whole family is revoked, the first call's
    // new pair with it.
    //
    // ERRORS: unauthenticated  unknown, spent, revoked or expired; account disabled
    Result<CustomerSignIn> refresh(std::string_view refresh_token);

    // Ends what the credential belongs to: the session, or the family with its access tokens.
    // Repeating it is not an error. An API key is not signed in: nothing happens.
    Result<> sign_out(const Actor& actor);

    // Ends every other session of an administrator; of a customer user every family, and voids his
    // access tokens, his own too: his client signs in again.
    //
    // ERRORS: permission_denied  the actor is no user
    //         invalid_argument   old_password is wrong; new_password breaks the rule or is the old
    //         too_many_requests  too many passwords are being hashed
    //         unauthenticated    the actor was signed out in between (check_still_signed_in)
    Result<> change_password(const Actor& actor, std::string_view old_password,
                             std::string_view new_password);

    // Of an API key: the customer's user who made it.
    // ERRORS: unauthenticated      there is no such user (any more)
    //         failed_precondition  the key was made by none of the customer's users
    Result<Profile> profile_of(const Actor& actor);

    [[nodiscard]] const SessionSettings& session_settings() const { return settings_.session; }

private:
    Result<User> check_credentials(UserType type, std::string_view username,
                                   std::string_view password);
    Result<User> lock_unchanged(UnitOfWork& unit, const User& checked);
    Result<CustomerSignIn> issue_pair(UnitOfWork& unit, const User& user, Uuid family,
                                      Timestamp now);
    // How he got in: whom the password or the passkey let through, and by which second factor.
    struct Admission {
        User user;
        std::string_view second_factor;
        Timestamp at;
    };
    template <typename SignIn, typename Admit>
    Result<SignIn> by_password(UserType type, std::string_view username, std::string_view password,
                               std::string_view code, Admit admit);
    Result<Admission> by_passkey(UnitOfWork& unit, UserType type, const PasskeyAssertion& passkey);
    Result<CustomerSignIn> admit_customer(UnitOfWork& unit, const Admission& admission,
                                          const ClientInfo& client);
    Result<AdminSignIn> admit_admin(UnitOfWork& unit, const Admission& admission,
                                    const ClientInfo& client);

    Ports ports_;
    SignInSettings settings_;
};

}  // namespace rb::core
