#include "base/utf8.hpp"

#include <gtest/gtest.h>

namespace rb {
namespace {

TEST(Utf8, is_what_the_rfc_says) {
    EXPECT_TRUE(is_utf8(""));
    EXPECT_TRUE(is_utf8("a é 易 \xF0\x9F\x98\x80"));
    EXPECT_TRUE(is_utf8("\xF4\x8F\xBF\xBF"));   // U+10FFFF
    EXPECT_FALSE(is_utf8("\xF4\x90\x80\x80"));  // beyond
    EXPECT_FALSE(is_utf8("\xC0\xAF"));          // overlong
    EXPECT_FALSE(is_utf8("\xE0\x9F\xBF"));      // overlong
    EXPECT_FALSE(is_utf8("\xED\xA0\x80"));      // a surrogate
    EXPECT_FALSE(is_utf8("\xF5\x80\x80\x80"));
    EXPECT_FALSE(is_utf8("\xE6\x98"));  // cut off
    EXPECT_FALSE(is_utf8("\x80"));
}

TEST(Utf8, bytes_of_no_character_are_replaced_and_all_else_stays) {
    EXPECT_EQ(valid_utf8("a易\xF0\x9F\x98\x80"), "a易\xF0\x9F\x98\x80");
    EXPECT_EQ(valid_utf8("/\xFFx"), "/\uFFFDx");
    EXPECT_EQ(valid_utf8("\xE6\x98"), "\uFFFD\uFFFD");
    EXPECT_EQ(valid_utf8("\xE6x"), "\uFFFDx");
}

}  // namespace
}  // namespace rb
