#include "crypto/jwt_access_tokens.hpp"

#include "core/ports/digester.hpp"

#include "crypto/base64url.hpp"
#include "crypto/claims_text.hpp"
#include "crypto/openssl_digester.hpp"

#include <nlohmann/json.hpp>

namespace rb::crypto {

namespace {

using nlohmann::json;

constexpr std::size_t secret_bytes_min = 32;

// What each of our tokens begins with.
const std::string& our_header() {
    static const auto header = to_base64url(json{{"alg", "HS256"}, {"typ", "JWT"}}.dump());
    return header;
}

Result<> check_header(std::string_view part) {
    if (part == our_header()) return {};
    const auto text = from_base64url(part);
    const auto header = text ? json::parse(*text, nullptr, false) : json();
    if (!header.is_object() || header.value("alg", json()) != "HS256") {
        return refused_token("algorithm is not HS256");
    }
    // RFC 7515, 4.1.11: what must be understood and is not makes the token invalid.
    if (header.contains("crit")) return refused_token("critical extension");
    return {};
}

}  // namespace

JwtAccessTokens::JwtAccessTokens(std::string_view secret) : hmac_(secret) {
    ASSERT(secret.size() >= secret_bytes_min);
}

std::string JwtAccessTokens::issue(const core::AccessClaims& claims) const {
    const auto signed_part = our_header() + "." + to_base64url(write_claims(claims));
    return signed_part + "." + to_base64url(view_of(hmac_.of(signed_part)));
}

Result<core::AccessClaims> JwtAccessTokens::verify(std::string_view token,
                                                   core::Timestamp now) const {
    if (token.size() > access_token_bytes_max) return refused_token("too long");
    const auto first = token.find('.');
    const auto second = first == std::string_view::npos ? first : token.find('.', first + 1);
    if (second == std::string_view::npos || token.find('.', second + 1) != std::string_view::npos) {
        return refused_token("not three parts");
    }

    const auto signature = from_base64url(token.substr(second + 1));
    core::Digest given{};
    if (!signature || signature->size() != given.size()) return refused_token("no HS256 signature");
    std::copy(signature->begin(), signature->end(), given.begin());
    const auto expected = hmac_.of(token.substr(0, second));
    if (!core::equal_in_constant_time(given, expected)) return refused_token("wrong signature");

    TRY(check_header(token.substr(0, first)));
    const auto text = from_base64url(token.substr(first + 1, second - first - 1));
    if (!text) return refused_token("claims are no base64url");
    auto claims = TRY(read_claims(*text));
    if (now >= claims.expires_at) return refused_token("expired");
    return claims;
}

}  // namespace rb::crypto
