#include "core/identity/account_rules.hpp"

#include "core/identity/limits.hpp"

#include <gtest/gtest.h>

namespace rb::core {
namespace {

TEST(Username, takes_letters_digits_dot_underscore_and_dash) {
    for (const char* name : {"abc", "A.b_c-9", "0ab"})
        EXPECT_TRUE(check_username(name).has_value());
    for (const char* name :
         {"", "ab", ".abc", "_abc", "-abc", "a b c", "a@bc", "äbc", "abc\n", "a/b"}) {
        const auto checked = check_username(name);
        ASSERT_TRUE(checked.has_error()) << name;
        EXPECT_EQ(checked.error().code, ErrorCode::invalid_argument);
        EXPECT_EQ(checked.error().field, "username");
    }
}

TEST(Username, ends_at_its_limits) {
    EXPECT_TRUE(check_username(std::string(limits::username_chars_min, 'a')).has_value());
    EXPECT_TRUE(check_username(std::string(limits::username_chars_min - 1, 'a')).has_error());
    EXPECT_TRUE(check_username(std::string(limits::username_chars_max, 'a')).has_value());
    EXPECT_TRUE(check_username(std::string(limits::username_chars_max + 1, 'a')).has_error());
}

TEST(Email, is_one_address_and_nothing_else) {
    for (const char* email : {"a@b.cn", "first.last+tag@mail.example.com", "x_y-z@a-b.co"}) {
        EXPECT_TRUE(check_email(email).has_value()) << email;
    }
    for (const char* email :
         {"", "a", "@b.cn", "a@", "a@b", "a@.cn", "a@b.", "a@b..cn", "a@b@c.cn", "a b@c.cn",
          "a@b.cn\r\nBcc: x@y.cn", "<a@b.cn>", "a@b.cn,c@d.cn", "a@b.cn;", "\"a\"@b.cn"}) {
        const auto checked = check_email(email);
        ASSERT_TRUE(checked.has_error()) << email;
        EXPECT_EQ(checked.error().field, "email");
    }
}

TEST(Email, ends_at_its_limit) {
    const std::string domain = "@" + std::string(limits::email_bytes_max - 6, 'a') + ".cn";
    EXPECT_TRUE(check_email("aa" + domain).has_value());
    EXPECT_TRUE(check_email("aaa" + domain).has_error());
}

TEST(DisplayName, counts_characters_and_not_bytes) {
    std::string name;
    for (std::size_t i = 0; i < limits::display_name_chars_max; ++i) name += "云";
    EXPECT_TRUE(check_display_name(name).has_value());
    EXPECT_TRUE(check_display_name(name + "云").has_error());
    EXPECT_TRUE(check_display_name("").has_value());
    EXPECT_TRUE(check_display_name("a\nb").has_error());
    EXPECT_TRUE(check_display_name("\xC3").has_error());
}

TEST(Password, has_8_to_72_bytes) {
    EXPECT_TRUE(check_password(std::string(8, 'a'), "user").has_value());
    EXPECT_TRUE(check_password(std::string(7, 'a'), "user").has_error());
    EXPECT_TRUE(check_password(std::string(72, 'a'), "user").has_value());
    const auto longer = check_password(std::string(73, 'a'), "user", "new_password");
    ASSERT_TRUE(longer.has_error());
    EXPECT_EQ(longer.error().field, "new_password");
    EXPECT_NE(longer.error().message.find("72 bytes"), std::string::npos);
}

TEST(Password, is_not_the_username_and_holds_no_nul) {
    EXPECT_TRUE(check_password("SomeBody", "somebody").has_error());
    EXPECT_TRUE(check_password(std::string("abcd\0efgh", 9), "user").has_error());
    EXPECT_TRUE(check_password("abcdefg\xFF", "user").has_error());
    EXPECT_TRUE(check_password("密码密码密", "user").has_value());
}

}  // namespace
}  // namespace rb::core
