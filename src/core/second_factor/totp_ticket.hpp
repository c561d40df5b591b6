// What stands between the two calls of an enrolment: the new secret with its end, sealed for the
// user, kept by his client. It is void once his password is another.

#pragma once

#include "core/identity/user.hpp"
#include "core/ports/clock.hpp"
#include "core/ports/secret_sealer.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace rb::core {

std::string seal_totp_ticket(const SecretSealer& sealer, const User& user, std::string_view secret,
                             Timestamp now);

// The secret; nothing when the ticket is not this user's, over, or older than his password.
std::optional<std::string> open_totp_ticket(const SecretSealer& sealer, const User& user,
                                            std::string_view ticket, Timestamp now);

}  // namespace rb::core
