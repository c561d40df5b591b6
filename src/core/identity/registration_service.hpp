// How a stranger becomes a customer: the verification code, and the registration itself.
//
// Thread-safe. Codes are asked for while an e-mail notifier is enabled, and not while none is. Mail
// leaves through the outbox, so nobody is written to about what was rolled back.

#pragma once

#include "base/result.hpp"

#include "core/identity/password_hasher.hpp"
#include "core/identity/session.hpp"
#include "core/identity/sign_in.hpp"
#include "core/identity/verification_code.hpp"
#include "core/plugin/plugin_directory.hpp"
#include "core/ports/clock.hpp"
#include "core/ports/id_source.hpp"

#include <chrono>
#include <string>

namespace rb::core {

class Database;
class UnitOfWork;

struct Registration {
    std::string username;
    std::string email;
    std::string display_name = {};
    std::string password;
    std::string verification_code = {};
};

struct CodeRequestOutcome {
    // False: no code is needed here, or one was sent a moment ago.
    bool sent = false;
    std::string message;
    std::chrono::seconds retry_after{0};
};

class RegistrationService {
public:
    struct Ports {
        Database& database;
        PasswordHasher& passwords;
        const Digester& digester;
        PluginDirectory& plugins;
        const Clock& clock;
        IdSource& ids;
    };
    explicit RegistrationService(Ports ports) : ports_(ports) {}

    // Makes a user, a customer named after him and an owner's membership, in one commit.
    //
    // ERRORS: invalid_argument     username, email, display_name or password breaks its rule
    //         failed_precondition  verification_code is missing, wrong, expired or tried too often
    //         already_exists       username or email is taken; the field says which. Where codes
    //                              are asked for, only who proved to read the address is told.
    //         too_many_requests    too many passwords are being hashed
    //         and those of needs_code
    Result<Profile> register_customer(const Registration& registration, const ClientInfo& client);

    // Sends a code to `email`, or, when the address is known, a word to its owner. The answer and
    // the time it takes are alike.
    //
    // ERRORS: invalid_argument  email or purpose; and those of needs_code
    Result<CodeRequestOutcome> send_verification_code(const std::string& email,
                                                      const std::string& purpose);

    // Whether registration asks for a code now.
    // ERRORS: unavailable, plugin_failed  nobody knows: an enabled notifier, which may be the
    //                                     e-mail one, cannot be used now
    [[nodiscard]] Result<bool> needs_code() const;

private:
    Result<> check_first(const Registration& registration, bool code_needed);
    Result<> spend_code(UnitOfWork& unit, const Registration& registration);

    Ports ports_;
};

}  // namespace rb::core
