#include "rune/syntax/lexer.hpp"

#include "rune/limits.hpp"
#include "rune/syntax/literals.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

namespace rb::rune {
namespace {

struct Lexed {
    std::vector<TokenKind> kinds;
    std::vector<Diagnostic> errors;
};

Lexed lex(std::string text) {
    std::vector<Source> sources{{"t.rn", std::move(text)}};
    DiagnosticSink sink(sources);
    Lexed result;
    for (const Token& token : tokenize(sources[0].text, 0, sink)) {
        result.kinds.push_back(token.kind);
    }
    result.errors = sink.take();
    return result;
}

using K = TokenKind;

TEST(Lexer, takes_a_fraction_only_where_no_field_or_range_follows) {
    EXPECT_EQ(lex("1. 1.max 1..2").kinds,
              (std::vector<K>{K::number, K::number, K::dot, K::identifier, K::number, K::dot_dot,
                              K::number, K::end}));
    // The quirk of the language: `0.1` is one token.
    EXPECT_EQ(lex("t.0.1").kinds, (std::vector<K>{K::identifier, K::dot, K::number, K::end}));
}

TEST(Lexer, tells_labels_from_characters) {
    EXPECT_EQ(lex("'a' 'a: 'ab").kinds,
              (std::vector<K>{K::character, K::label, K::colon, K::label, K::end}));
}

TEST(Lexer, nests_templates_in_their_holes) {
    EXPECT_EQ(lex("`a${`b${c}`}d`").kinds,
              (std::vector<K>{K::template_open, K::template_text, K::hole_open, K::template_open,
                              K::template_text, K::hole_open, K::identifier, K::hole_close,
                              K::template_close, K::hole_close, K::template_text, K::template_close,
                              K::end}));
}

TEST(Lexer, refuses_templates_nested_too_deep) {
    std::string text;
    for (int i = 0; i <= parse_depth_max; ++i) text += "`${";
    const Lexed deep = lex(text);
    EXPECT_TRUE(std::any_of(deep.errors.begin(), deep.errors.end(), [](const auto& error) {
        return error.message.find("nested too deep") != std::string::npos;
    }));
}

TEST(Lexer, goes_on_behind_what_is_no_token) {
    const Lexed lexed = lex("a \x01 b");
    EXPECT_EQ(lexed.kinds, (std::vector<K>{K::identifier, K::identifier, K::end}));
    EXPECT_EQ(lexed.errors.size(), 1U);
}

TEST(Lexer, skips_a_hash_bang_line_and_block_comments_without_nesting) {
    EXPECT_EQ(lex("#!/usr/bin/rune\n/* a /* b */ c").kinds,
              (std::vector<K>{K::identifier, K::end}));
}

TEST(Literals, fold_the_sign_so_that_the_smallest_integer_can_be_written) {
    std::string why;
    const auto smallest = decode_number("9223372036854775808", true, why);
    ASSERT_TRUE(smallest);
    EXPECT_EQ(smallest->integer, std::numeric_limits<std::int64_t>::min());
    EXPECT_FALSE(decode_number("9223372036854775808", false, why));
}

TEST(Literals, must_fit_the_named_size) {
    std::string why;
    EXPECT_TRUE(decode_number("255u8", false, why));
    EXPECT_FALSE(decode_number("256u8", false, why));
    EXPECT_TRUE(decode_number("128_i8", true, why));
    EXPECT_FALSE(decode_number("128i8", false, why));
    EXPECT_FALSE(decode_number("0b12", false, why));
}

TEST(Literals, name_the_place_of_a_bad_escape) {
    std::string why;
    std::size_t offset = 0;
    EXPECT_FALSE(unescape("ab\\q", EscapeMode::text, why, offset));
    EXPECT_EQ(offset, 2U);
    EXPECT_EQ(unescape("\\x7f\\u{1F600}", EscapeMode::text, why, offset), "\x7f\xF0\x9F\x98\x80");
    EXPECT_FALSE(unescape("\\x80", EscapeMode::text, why, offset));
    EXPECT_EQ(unescape("\\x80", EscapeMode::bytes, why, offset), "\x80");
}

}  // namespace
}  // namespace rb::rune
