#include "core/identity/session_cookie.hpp"

#include "core/identity/secret_token.hpp"

#include <gtest/gtest.h>

namespace rb::core {
namespace {

const std::string token(secret_token_chars, 'A');

TEST(SessionCookie, carries_the_attributes_of_the_manual) {
    EXPECT_EQ(session_cookie({}, token),
              "rustbill_session=" + token + "; Path=/; HttpOnly; SameSite=Lax; Max-Age=604800");
    const SessionSettings production{.cookie_secure = true, .cookie_same_site = SameSite::Strict};
    EXPECT_EQ(session_cookie(production, token),
              "rustbill_session=" + token +
                  "; Path=/; HttpOnly; SameSite=Strict; Max-Age=604800; Secure");
    EXPECT_EQ(cleared_session_cookie({}),
              "rustbill_session=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0");
}

TEST(SessionCookie, is_found_among_others) {
    const SessionSettings settings;
    EXPECT_EQ(find_session_token("rustbill_session=" + token, settings), token);
    EXPECT_EQ(find_session_token("a=1;  rustbill_session=" + token + "; b=2", settings), token);
    EXPECT_EQ(find_session_token("", settings), std::nullopt);
    EXPECT_EQ(find_session_token("xrustbill_session=" + token, settings), std::nullopt);
    EXPECT_EQ(find_session_token("rustbill_session", settings), std::nullopt);
    EXPECT_EQ(find_session_token("rustbill_session=short", settings), std::nullopt);
    EXPECT_EQ(find_session_token("rustbill_session=" + token + "A", settings), std::nullopt);
    EXPECT_EQ(find_session_token(";;;=;", settings), std::nullopt);
}

TEST(SessionSettings, are_refused_with_the_key_that_is_wrong) {
    EXPECT_TRUE(check_session_settings({}).has_value());
    EXPECT_EQ(check_session_settings({.cookie_name = "a b"}).error().field, "session.cookie_name");
    EXPECT_EQ(check_session_settings({.cookie_name = ""}).error().field, "session.cookie_name");
    EXPECT_EQ(check_session_settings({.idle_timeout = std::chrono::minutes(0)}).error().field,
              "session.idle_timeout_minutes");
    EXPECT_EQ(check_session_settings({.absolute_timeout = std::chrono::hours(1)}).error().field,
              "session.idle_timeout_minutes");
    EXPECT_EQ(check_session_settings({.cookie_same_site = SameSite::None}).error().field,
              "session.cookie_same_site");
    EXPECT_TRUE(check_session_settings({.cookie_secure = true, .cookie_same_site = SameSite::None})
                    .has_value());
}

TEST(SameSiteWord, is_one_of_three) {
    EXPECT_EQ(*parse_same_site("strict"), SameSite::Strict);
    EXPECT_EQ(*parse_same_site("None"), SameSite::None);
    EXPECT_EQ(parse_same_site("loose").error().field, "session.cookie_same_site");
}

// Counts up: so a test knows what comes out.
class CountingRandom final : public RandomSource {
public:
    void fill(std::span<std::uint8_t> bytes) override {
        for (auto& byte : bytes) byte = next_++;
    }

private:
    std::uint8_t next_ = 0;
};

TEST(SecretToken, is_256_bits_in_base64url) {
    CountingRandom random;
    EXPECT_EQ(new_secret_token(random), "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8");
    EXPECT_TRUE(is_secret_token(new_secret_token(random)));
    EXPECT_FALSE(is_secret_token(""));
    EXPECT_FALSE(is_secret_token(std::string(secret_token_chars, '=')));
}

}  // namespace
}  // namespace rb::core
