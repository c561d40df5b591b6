// The port to slow password hashing.
//
// Hashing takes a tenth of a second of a core on purpose. An implementation bounds how many run and
// how many wait, so that a flood of logins does not starve others. Callers hold no database
// connection while they call.

#pragma once

#include "base/result.hpp"

#include <string>
#include <string_view>

namespace rb::core {

class PasswordHasher {
public:
    virtual ~PasswordHasher() = default;

    // Thread-safe; both block until it is their turn and the work is done.
    // ERRORS: too_many_requests  more callers wait than may

    // REQUIRES: `password` passed check_password (account_rules.hpp)
    virtual Result<std::string> hash(std::string_view password) = 0;

    // Whether `password` is the one `hash` was made of. An empty hash is that of nobody: the answer
    // is false, and takes as long as for a real one, so that time does not tell who exists. A
    // password that can belong to nobody (too long, a NUL in it) is treated alike.
    virtual Result<bool> verify(std::string_view password, std::string_view hash) = 0;
};

}  // namespace rb::core
