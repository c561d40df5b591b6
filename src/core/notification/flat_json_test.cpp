#include "core/notification/flat_json.hpp"

#include <gtest/gtest.h>

namespace rb::core {
namespace {

TEST(FlatJson, gives_back_what_it_was_made_of) {
    const StringMap map{{"", "empty key"},
                        {"a", "quote \" backslash \\ slash /"},
                        {"b", "line\nbreak\ttab \x01"},
                        {"c", "云😀"}};
    EXPECT_EQ(*parse_flat_json(to_flat_json(map)), map);
    EXPECT_EQ(to_flat_json({}), "{}");
    EXPECT_EQ(to_flat_json({{"a", "b\n"}}), "{\"a\":\"b\\u000a\"}");
}

// PostgreSQL prints jsonb with blanks and escapes of its own.
TEST(FlatJson, reads_other_writers_spellings) {
    const auto map =
        parse_flat_json(" { \"a\" : \"\\n\\t\\u4e91\\ud83d\\ude00\\/\" , \"b\":\"\" } ");
    ASSERT_TRUE(map.has_value());
    EXPECT_EQ(map->at("a"), "\n\t云😀/");
    EXPECT_EQ(map->at("b"), "");
}

TEST(FlatJson, refuses_everything_else) {
    for (const char* text : {"", "{", "}", "[]", "null", "{\"a\"}", "{\"a\":1}", "{\"a\":null}",
                             "{\"a\":{}}", "{\"a\":\"b\",}", "{\"a\":\"b\"} x", "{\"a\":\"b}",
                             "{\"a\":\"\\x\"}", "{\"a\":\"\\u12\"}", "{\"a\":\"\\ud83d\"}",
                             "{\"a\":\"\\ude00\"}", "{\"a\":\"\n\"}", "{a:\"b\"}"}) {
        EXPECT_TRUE(parse_flat_json(text).has_error()) << text;
    }
}

}  // namespace
}  // namespace rb::core
