// Who may call an RPC: the rule that stands on its method (proto/rustbill/access.proto) against who
// calls. Pure. Which rows a caller may see is for the services; this decides only whether the call
// begins.

#pragma once

#include "base/result.hpp"

#include "core/identity/actor.hpp"

#include <string>

namespace rb::core {

// A call is allowed when any one of the named ways fits the caller. A rule that names none denies
// everybody, system included: that is what a method without the option would get.
struct AccessRule {
    bool is_public = false;
    // A signed-in customer user.
    bool customer = false;
    // The permission an administrator's role must grant; empty: no administrator.
    std::string admin = {};
    // The scope an API key must carry; empty: no API key.
    std::string api_key = {};

    // A rule that names no way in. The server refuses to start with one.
    [[nodiscard]] bool is_empty() const {
        return !is_public && !customer && admin.empty() && api_key.empty();
    }
};

// ERRORS: unauthenticated    there is no credential, and the call needs one
//         permission_denied  the credential is good, but not for this; the message names the
//                            permission or scope that is missing
// A credential that is not good (expired, forged) never becomes an Actor: the authenticator refused
// it before. On a public method it is ignored, so that a stale token does not hide the catalogue.
Result<> decide(const AccessRule& rule, const Actor& actor);

}  // namespace rb::core
