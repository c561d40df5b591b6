#include "crypto/jwt_access_tokens.hpp"

#include "crypto/base64url.hpp"
#include "crypto/openssl_digester.hpp"
#include "crypto/testing/sample_claims.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace rb::crypto {
namespace {

using nlohmann::json;

const std::string secret = "0123456789abcdef0123456789abcdef";
constexpr auto noon = sample_noon;

std::string signed_token(const std::string& header, const std::string& body,
                         const std::string& key = secret) {
    const auto part = to_base64url(header) + "." + to_base64url(body);
    const auto digest = HmacSha256(key).of(part);
    return part + "." + to_base64url({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

std::string sample_body() {
    const auto token = JwtAccessTokens(secret).issue(sample_claims());
    const auto first = token.find('.');
    return *from_base64url(token.substr(first + 1, token.rfind('.') - first - 1));
}

void expect_refused(const std::string& token, const std::string& why) {
    const auto claims = JwtAccessTokens(secret).verify(token, noon);
    ASSERT_TRUE(claims.has_error()) << token;
    EXPECT_EQ(claims.error().code, ErrorCode::unauthenticated);
    EXPECT_NE(claims.error().detail.find(why), std::string::npos) << claims.error().detail;
    EXPECT_EQ(claims.error().message, "sign in again");
}

TEST(AccessToken, gives_back_the_claims_it_was_issued_with) {
    const JwtAccessTokens tokens(secret);
    const auto claims = tokens.verify(tokens.issue(sample_claims()), noon);
    ASSERT_TRUE(claims.has_value());
    EXPECT_EQ(claims->user, sample_claims().user);
    EXPECT_EQ(claims->customer, sample_claims().customer);
    EXPECT_EQ(claims->family, sample_claims().family);
    EXPECT_EQ(claims->id, sample_claims().id);
    EXPECT_EQ(claims->issued_at, sample_claims().issued_at);
    EXPECT_EQ(claims->expires_at, sample_claims().expires_at);
}

TEST(AccessToken, carries_the_claims_the_public_client_reads) {
    const auto body = json::parse(sample_body());
    for (const char* name : {"sub", "customer_id", "jti", "sid"})
        EXPECT_TRUE(body[name].is_string());
    for (const char* name : {"iat", "exp"}) EXPECT_TRUE(body[name].is_number_integer());
}

TEST(AccessToken, ends_at_its_expiry_and_not_before) {
    const JwtAccessTokens tokens(secret);
    const auto token = tokens.issue(sample_claims());
    const core::Timestamp end = sample_claims().expires_at;
    EXPECT_TRUE(tokens.verify(token, end - std::chrono::microseconds(1)).has_value());
    EXPECT_TRUE(tokens.verify(token, end).has_error());
}

TEST(AccessToken, is_refused_unless_its_algorithm_is_hs256) {
    const auto body = sample_body();
    expect_refused(to_base64url(R"({"alg":"none"})") + "." + to_base64url(body) + ".",
                   "no HS256 signature");
    for (const char* algorithm : {"none", "NONE", "HS512", "RS256", "hs256", ""}) {
        expect_refused(signed_token(json{{"alg", algorithm}}.dump(), body), "algorithm");
    }
    expect_refused(signed_token("{}", body), "algorithm");
    expect_refused(signed_token(R"({"alg":["HS256"]})", body), "algorithm");
    expect_refused(signed_token(R"({"alg":"HS256","crit":["b64"]})", body), "critical");
}

TEST(AccessToken, is_refused_when_a_single_bit_of_it_changed) {
    const auto token = JwtAccessTokens(secret).issue(sample_claims());
    for (std::size_t i = 0; i < token.size(); ++i) {
        auto forged = token;
        forged[i] = forged[i] == 'A' ? 'B' : 'A';
        EXPECT_TRUE(JwtAccessTokens(secret).verify(forged, noon).has_error()) << i;
    }
    expect_refused(signed_token(R"({"alg":"HS256"})", sample_body(), std::string(32, 'x')),
                   "wrong signature");
}

TEST(AccessToken, is_refused_when_a_claim_is_missing_or_of_another_type) {
    for (const char* name : {"sub", "customer_id", "sid", "jti", "iat", "exp"}) {
        auto body = json::parse(sample_body());
        body.erase(name);
        expect_refused(signed_token(R"({"alg":"HS256"})", body.dump()), "claim");
        body[name] = json::array();
        expect_refused(signed_token(R"({"alg":"HS256"})", body.dump()), "claim");
    }
    auto body = json::parse(sample_body());
    body["exp"] = -1;
    expect_refused(signed_token(R"({"alg":"HS256"})", body.dump()), "claim");
}

TEST(AccessToken, is_refused_when_it_is_no_token) {
    for (const std::string token : {"", ".", "..", "a.b", "a.b.c.d", "ä.ö.ü"}) {
        EXPECT_TRUE(JwtAccessTokens(secret).verify(token, noon).has_error()) << token;
    }
    expect_refused(signed_token("[]", "[]"), "algorithm");
    expect_refused(signed_token(R"({"alg":"HS256"})", "[1"), "claims");
    expect_refused(std::string(access_token_bytes_max + 1, 'a'), "too long");
}

TEST(Base64Url, has_one_spelling_for_each_value) {
    EXPECT_EQ(to_base64url("f"), "Zg");
    EXPECT_EQ(from_base64url("Zg"), "f");
    EXPECT_EQ(from_base64url("Zh"), std::nullopt);
    EXPECT_EQ(from_base64url("Z"), std::nullopt);
    EXPECT_EQ(from_base64url("Zg=="), std::nullopt);
    EXPECT_EQ(from_base64url("+/"), std::nullopt);
}

}  // namespace
}  // namespace rb::crypto
