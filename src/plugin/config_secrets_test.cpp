#include "plugin/config_secrets.hpp"

#include "plugin/limits.hpp"

#include "support/counting_random.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace rb::plugin {
namespace {

const Json schema = Json::parse(R"({"type":"object","properties":{
    "key":{"type":"string","secret":true},
    "smtp":{"type":"object","properties":{"password":{"type":"string","secret":true},
                                          "user":{"type":"string"}}}}})");

struct ConfigSecrets : testing::Test {
    test::CountingRandom random;
    SecretBox box{"a master secret of some length", random};
    const Json config =
        Json::parse(R"({"key":"hunter2","smtp":{"password":"pass word","user":"u"}})");
};

TEST_F(ConfigSecrets, leave_no_trace_of_themselves_when_sealed_and_come_back) {
    const auto sealed = seal_secrets(schema, config, box, "i");
    EXPECT_EQ(sealed.dump().find("hunter2"), std::string::npos);
    EXPECT_EQ(sealed.dump().find("pass word"), std::string::npos);
    EXPECT_EQ(sealed["smtp"]["user"], "u");
    EXPECT_EQ(*open_secrets(schema, sealed, box, "i"), config);
    EXPECT_EQ(open_secrets(schema, sealed, box, "other").error().code,
              ErrorCode::failed_precondition);
    EXPECT_EQ(*open_secrets(schema, config, box, "i"), config) << "written by hand, in clear";
}

TEST_F(ConfigSecrets, are_masked_when_set_and_only_then) {
    EXPECT_EQ(mask_secrets(schema, config).dump(),
              R"({"key":"********","smtp":{"password":"********","user":"u"}})");
    EXPECT_EQ(mask_secrets(schema, Json::parse(R"({"key":""})")).dump(), R"({"key":""})");
}

TEST_F(ConfigSecrets, are_kept_when_left_out_or_masked_and_cleared_when_empty) {
    const auto kept = [&](const char* edit) {
        return keep_secrets(schema, Json::parse(edit), config).dump();
    };
    EXPECT_EQ(kept(R"({"key":"********"})"), R"({"key":"hunter2"})");
    EXPECT_EQ(kept(R"({"smtp":{"user":"v"}})"),
              R"({"smtp":{"user":"v","password":"pass word"},"key":"hunter2"})");
    EXPECT_EQ(kept(R"({"key":""})"), R"({"key":""})");
    EXPECT_EQ(kept(R"({"key":"new"})"), R"({"key":"new"})");
}

TEST_F(ConfigSecrets, of_a_field_that_is_no_object_harm_nothing) {
    for (const auto* text : {R"({"smtp":5,"key":7})", R"({"smtp":["a"],"key":null})"}) {
        const auto odd = Json::parse(text);
        EXPECT_EQ(keep_secrets(schema, odd, config), odd) << text;
        EXPECT_EQ(seal_secrets(schema, odd, box, "i"), odd);
        EXPECT_EQ(mask_secrets(schema, odd), odd);
        EXPECT_EQ(*open_secrets(schema, odd, box, "i"), odd);
    }
}

// A script may be edited so that it no longer calls a field secret; what was typed in as one is
// neither shown nor handed over sealed.
TEST_F(ConfigSecrets, never_surface_when_the_schema_stops_calling_them_so) {
    const auto plain = Json::parse(R"({"type":"object","properties":{"key":{"type":"string"}}})");
    const auto sealed = seal_secrets(schema, Json{{"key", "hunter2"}}, box, "i");
    const auto opened = open_secrets(plain, sealed, box, "i");
    EXPECT_EQ(opened.error().code, ErrorCode::failed_precondition);
    EXPECT_EQ(opened.error().field, "key");
    EXPECT_EQ(drop_former_secrets(plain, sealed, schema).dump(), "{}");
    EXPECT_EQ(drop_former_secrets(plain, Json{{"key", "********"}}, schema).dump(), "{}");
    EXPECT_EQ(drop_former_secrets(plain, Json{{"key", "new"}}, schema).dump(), R"({"key":"new"})");
    EXPECT_EQ(drop_former_secrets(schema, sealed, schema), sealed);
}

TEST_F(ConfigSecrets, are_blanked_in_texts_longest_first) {
    const Json both{{"key", "hunter2"}, {"smtp", {{"password", "hunter2 and more"}}}};
    const auto secrets = secret_texts(schema, both);
    EXPECT_EQ(without_secrets("a hunter2 b hunter2 and more c", secrets),
              "a ******** b ******** c");
    EXPECT_EQ(without_secrets("hunter2hunter2", secrets), "****************");
    EXPECT_EQ(without_secrets("", secrets), "");
    const std::string shortest(redacted_secret_bytes_min, 'k');
    EXPECT_EQ(secret_texts(schema, Json{{"key", shortest}}), std::vector<std::string>{shortest});
    EXPECT_TRUE(secret_texts(schema, Json{{"key", shortest.substr(1)}}).empty());
}

TEST_F(ConfigSecrets, are_blanked_in_time_however_often_they_stand_there) {
    std::string text;
    for (int i = 0; i < 1'000'000; ++i) text += "hunter2";
    const auto began = std::chrono::steady_clock::now();
    EXPECT_EQ(without_secrets(std::move(text), {"hunter2"}), std::string(8'000'000, '*'));
    // Milliseconds; it were minutes.
    EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(10));
}

}  // namespace
}  // namespace rb::plugin
