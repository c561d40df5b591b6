// The AccessTokens port: JSON Web Tokens (RFC 7519) in the compact form of RFC 7515, 3.1,
//
//   base64url({"alg":"HS256","typ":"JWT"}) . base64url(claims) . base64url(HMAC-SHA-256)
//   claims: {"sub": user, "customer_id": …, "sid": family, "jti": …, "iat": …, "exp": …}
//
// The algorithm is pinned: the signature is checked as HS256 before anything in the token is read,
// and a header that names another one is refused, `none` included. Written on OpenSSL's HMAC
// because the packaged cpp-jwt checks `exp` by the wall clock, which a test cannot move
// (docs/decisions).

#pragma once

#include "core/identity/access_token.hpp"

#include "crypto/openssl_digester.hpp"

#include <string>
#include <string_view>

namespace rb::crypto {

class JwtAccessTokens final : public core::AccessTokens {
public:
    // REQUIRES: at least 32 bytes of secret, which the configuration has checked (manual 2.3)
    explicit JwtAccessTokens(std::string_view secret);

    [[nodiscard]] std::string issue(const core::AccessClaims& claims) const override;
    [[nodiscard]] Result<core::AccessClaims> verify(std::string_view token,
                                                    core::Timestamp now) const override;

private:
    HmacSha256 hmac_;
};

// Longer ones are refused unread; ours have about 400 bytes.
constexpr std::size_t access_token_bytes_max = 2048;

}  // namespace rb::crypto
