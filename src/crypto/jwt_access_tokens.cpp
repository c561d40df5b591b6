#include "crypto/jwt_access_tokens.hpp"

#include "core/ports/digester.hpp"

#include "crypto/base64url.hpp"
#include "crypto/openssl_digester.hpp"

#include <nlohmann/json.hpp>

namespace rb::crypto {

namespace {

using nlohmann::json;

constexpr std::size_t secret_bytes_min = 32;

Error refused(std::string detail) {
    return Error{.code = ErrorCode::unauthenticated, .message = "sign in again"}.with_detail(
        "access token: " + std::move(detail));
}

// An object, or nothing; never throws.
std::optional<json> parse_object(std::string_view part) {
    const auto text = from_base64url(part);
    if (!text) return std::nullopt;
    auto value = json::parse(*text, nullptr, false);
    if (value.is_discarded() || !value.is_object()) return std::nullopt;
    return value;
}

// What each of our tokens begins with.
const std::string& our_header() {
    static const auto header = to_base64url(json{{"alg", "HS256"}, {"typ", "JWT"}}.dump());
    return header;
}

Result<> check_header(std::string_view part) {
    if (part == our_header()) return {};
    const auto header = parse_object(part);
    if (!header || header->value("alg", json()) != "HS256") {
        return refused("algorithm is not HS256");
    }
    // RFC 7515, 4.1.11: what must be understood and is not makes the token invalid.
    if (header->contains("crit")) return refused("critical extension");
    return {};
}

std::optional<Uuid> find_uuid(const json& claims, const char* name) {
    const auto found = claims.find(name);
    if (found == claims.end() || !found->is_string()) return std::nullopt;
    const auto uuid = Uuid::parse(found->get_ref<const std::string&>());
    if (uuid.has_error()) return std::nullopt;
    return *uuid;
}

std::optional<std::chrono::sys_seconds> find_time(const json& claims, const char* name) {
    // The year 9999: beyond it std::chrono's microseconds are near their end.
    constexpr std::int64_t seconds_max = 253'402'300'799;
    const auto found = claims.find(name);
    if (found == claims.end() || !found->is_number_integer()) return std::nullopt;
    const auto seconds = found->get<std::int64_t>();
    if (seconds < 0 || seconds > seconds_max) return std::nullopt;
    return std::chrono::sys_seconds(std::chrono::seconds(seconds));
}

}  // namespace

JwtAccessTokens::JwtAccessTokens(std::string_view secret) : hmac_(secret) {
    ASSERT(secret.size() >= secret_bytes_min);
}

std::string JwtAccessTokens::issue(const core::AccessClaims& claims) const {
    const json body{{"sub", claims.user.to_string()},
                    {"customer_id", claims.customer.to_string()},
                    {"sid", claims.family.to_string()},
                    {"jti", claims.id.to_string()},
                    {"iat", claims.issued_at.time_since_epoch().count()},
                    {"exp", claims.expires_at.time_since_epoch().count()}};
    const auto signed_part = our_header() + "." + to_base64url(body.dump());
    return signed_part + "." + to_base64url(view_of(hmac_.of(signed_part)));
}

Result<core::AccessClaims> JwtAccessTokens::verify(std::string_view token,
                                                   core::Timestamp now) const {
    if (token.size() > access_token_bytes_max) return refused("too long");
    const auto first = token.find('.');
    const auto second = first == std::string_view::npos ? first : token.find('.', first + 1);
    if (second == std::string_view::npos || token.find('.', second + 1) != std::string_view::npos) {
        return refused("not three parts");
    }

    const auto signature = from_base64url(token.substr(second + 1));
    core::Digest given{};
    if (!signature || signature->size() != given.size()) return refused("no HS256 signature");
    std::copy(signature->begin(), signature->end(), given.begin());
    const auto expected = hmac_.of(token.substr(0, second));
    if (!core::equal_in_constant_time(given, expected)) return refused("wrong signature");

    TRY(check_header(token.substr(0, first)));
    const auto claims = parse_object(token.substr(first + 1, second - first - 1));
    if (!claims) return refused("claims are no object");
    const auto user = find_uuid(*claims, "sub");
    const auto customer = find_uuid(*claims, "customer_id");
    const auto family = find_uuid(*claims, "sid");
    const auto id = find_uuid(*claims, "jti");
    const auto issued_at = find_time(*claims, "iat");
    const auto expires_at = find_time(*claims, "exp");
    if (!user || !customer || !family || !id || !issued_at || !expires_at) {
        return refused("a claim is missing");
    }
    if (now >= *expires_at) return refused("expired");
    return core::AccessClaims{.user = core::UserId(*user),
                              .customer = core::CustomerId(*customer),
                              .family = *family,
                              .id = *id,
                              .issued_at = *issued_at,
                              .expires_at = *expires_at};
}

}  // namespace rb::crypto
