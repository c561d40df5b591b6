#include "crypto/claims_text.hpp"

#include "crypto/testing/sample_claims.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace rb::crypto {
namespace {

// A form that only reading it as JSON understands.
std::string spelled_differently(const std::string& text) {
    auto claims = nlohmann::json::parse(text);
    claims["a"] = {1, "first of all"};
    return claims.dump(2);
}

void expect_equal(const core::AccessClaims& one, const core::AccessClaims& other,
                  const std::string& text) {
    EXPECT_EQ(one.user, other.user) << text;
    EXPECT_EQ(one.customer, other.customer) << text;
    EXPECT_EQ(one.family, other.family) << text;
    EXPECT_EQ(one.id, other.id) << text;
    EXPECT_EQ(one.issued_at, other.issued_at) << text;
    EXPECT_EQ(one.expires_at, other.expires_at) << text;
}

TEST(ClaimsText, is_read_as_it_was_written_and_in_any_other_form_of_json) {
    const auto text = write_claims(sample_claims());
    expect_equal(read_claims(text).value(), sample_claims(), text);
    expect_equal(read_claims(spelled_differently(text)).value(), sample_claims(), text);
    expect_equal(read_claims(" " + text).value(), sample_claims(), text);
}

// What the quick way takes, the slow way takes with the same meaning, whatever was changed.
TEST(ClaimsText, with_a_byte_changed_or_left_out_is_what_json_makes_of_it) {
    const auto text = write_claims(sample_claims());
    const auto expect_as_json = [&](const std::string& changed) {
        const auto claims = read_claims(changed);
        if (!nlohmann::json::accept(changed)) {
            EXPECT_TRUE(claims.has_error()) << changed;
            return;
        }
        const auto slowly = read_claims(spelled_differently(changed));
        ASSERT_EQ(claims.has_value(), slowly.has_value()) << changed;
        if (claims.has_value()) expect_equal(*claims, *slowly, changed);
    };
    for (std::size_t at = 0; at < text.size(); ++at) {
        for (const char byte : std::string_view("0a9F\"\\ -.e,{}\0\xc3", 15)) {
            auto changed = text;
            changed[at] = byte;
            expect_as_json(changed);
            expect_as_json(text.substr(0, at) + byte + text.substr(at));
        }
        expect_as_json(text.substr(0, at) + text.substr(at + 1));
        expect_as_json(text.substr(0, at));
    }
    expect_as_json(text + " ");
    expect_as_json(text + "}");
}

TEST(ClaimsText, holds_times_from_1970_to_9999) {
    const auto with_expiry = [](const std::string& seconds) {
        auto text = write_claims(sample_claims());
        const auto at = text.find("\"exp\":") + 6;
        return text.replace(at, text.find(',', at) - at, seconds);
    };
    EXPECT_TRUE(read_claims(with_expiry("0")).has_value());
    EXPECT_TRUE(read_claims(with_expiry("253402300799")).has_value());
    for (const char* beyond : {"253402300800", "-1", "9223372036854775808", "1.5", "\"1\"", "01"}) {
        EXPECT_EQ(read_claims(with_expiry(beyond)).error().code, ErrorCode::unauthenticated)
            << beyond;
    }
}

}  // namespace
}  // namespace rb::crypto
