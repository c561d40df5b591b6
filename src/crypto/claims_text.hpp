// The claims of an access token as JSON text (RFC 7519, 4).

#pragma once

#include "core/identity/access_token.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace rb::crypto {

// Names in the order of the alphabet, no blanks: the form that read_claims() is quick with.
std::string write_claims(const core::AccessClaims& claims);

// Any JSON object with these claims; others in it are passed over.
// ERRORS: unauthenticated
Result<core::AccessClaims> read_claims(std::string_view text);

// Every reason for a refused token alike; `detail` says which.
Error refused_token(std::string detail);

}  // namespace rb::crypto
