#include "core/text.hpp"

#include <gtest/gtest.h>

namespace rb::core {
namespace {

TEST(CountCharacters, counts_code_points_of_valid_utf8) {
    EXPECT_EQ(count_characters(""), 0u);
    EXPECT_EQ(count_characters("abc"), 3u);
    EXPECT_EQ(count_characters("é云😀"), 3u);
}

// RFC 3629, 3 and 10: overlong forms, surrogates and what lies beyond U+10FFFF are not UTF-8.
TEST(CountCharacters, refuses_what_is_not_utf8) {
    for (const char* text : {"\x80", "\xC0\x80", "\xC3", "\xE0\x80\x80", "\xED\xA0\x80",
                             "\xF5\x80\x80\x80", "\xF4\x90\x80\x80", "\xE4\xBA", "a\xFF"}) {
        EXPECT_EQ(count_characters(text), std::nullopt);
    }
}

TEST(CheckText, refuses_control_characters_unless_line_breaks_are_allowed) {
    EXPECT_TRUE(check_text("a\nb", {.field = "x", .chars_max = 9}).has_error());
    EXPECT_TRUE(
        check_text("a\nb\t", {.field = "x", .chars_max = 9, .line_breaks = LineBreaks::allowed})
            .has_value());
    for (const char* text : {"\x01", "\x7f", "\xC2\x85", "\xE2\x80\xA8"}) {
        EXPECT_TRUE(
            check_text(text, {.field = "x", .chars_max = 9, .line_breaks = LineBreaks::allowed})
                .has_error());
    }
}

TEST(CheckText, names_the_field_and_the_rule) {
    const auto shorter = check_text("", {.field = "title", .chars_min = 1, .chars_max = 2});
    EXPECT_EQ(shorter.error().field, "title");
    EXPECT_NE(shorter.error().message.find("must not be empty"), std::string::npos);
    const auto longer = check_text("abc", {.field = "title", .chars_max = 2});
    EXPECT_NE(longer.error().message.find("at most 2"), std::string::npos);
}

TEST(Trimmed, takes_blanks_off_both_ends) {
    EXPECT_EQ(trimmed(" \t a b \n"), "a b");
    EXPECT_EQ(trimmed("  "), "");
}

}  // namespace
}  // namespace rb::core
