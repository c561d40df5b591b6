// The access token of a customer user: what it claims, and the port that signs it (a JWT, HS256).

#pragma once

#include "base/result.hpp"

#include "core/ids.hpp"
#include "core/ports/clock.hpp"

#include <string>
#include <string_view>

namespace rb::core {

struct AccessClaims {
    UserId user;                          // sub
    CustomerId customer;                  // customer_id
    Uuid family;                          // sid: the refresh token family it was issued with
    Uuid id;                              // jti
    std::chrono::sys_seconds issued_at;   // iat
    std::chrono::sys_seconds expires_at;  // exp
};

class AccessTokens {
public:
    virtual ~AccessTokens() = default;

    // Thread-safe.
    [[nodiscard]] virtual std::string issue(const AccessClaims& claims) const = 0;
    // Signature, algorithm, shape and expiry. Whether the user still exists is for the caller.
    // ERRORS: unauthenticated  for every reason alike; the detail says which
    [[nodiscard]] virtual Result<AccessClaims> verify(std::string_view token,
                                                      Timestamp now) const = 0;
};

}  // namespace rb::core
