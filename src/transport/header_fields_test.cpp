#include "transport/header_fields.hpp"

#include <gtest/gtest.h>

namespace rb::transport {
namespace {

TEST(HeaderFields, keep_order_and_repeats) {
    HeaderFields fields;
    fields.add("a", "1");
    fields.add("b", "2");
    fields.add("a", "3");
    ASSERT_EQ(fields.size(), 3U);
    EXPECT_EQ(fields[2].name, "a");
    EXPECT_EQ(fields[2].value, "3");
    EXPECT_EQ(fields.find("a"), "1");
    EXPECT_EQ(fields.find("c"), std::nullopt);
    EXPECT_EQ(fields.list_bytes(), 6 + 3 * 32U);
}

TEST(HeaderFields, drop_what_would_split_a_response) {
    HeaderFields fields;
    fields.add("x", "a\r\nset-cookie: b");
    fields.add("x\r\ny", "a");
    fields.add("X", "a");
    fields.add("", "a");
    fields.add("x", " padded");
    EXPECT_TRUE(fields.empty());
    fields.add("x", "tab\tinside, and \xc3\xa9");
    EXPECT_EQ(fields.size(), 1U);
}

TEST(HeaderFields, carry_binary_metadata_as_base64_without_padding) {
    HeaderFields fields;
    fields.add_binary("x-bin", std::string_view("\x00\xff", 2));
    EXPECT_EQ(fields.find("x-bin"), "AP8");
    EXPECT_EQ(*fields.find_binary("x-bin"), std::string("\x00\xff", 2));
    EXPECT_EQ(*fields.find_binary("y-bin"), std::nullopt);
    fields.add("z-bin", "!!");
    EXPECT_EQ(fields.find_binary("z-bin").error().code, ErrorCode::invalid_argument);
}

TEST(HeaderFields, find_a_cookie_in_one_field_or_in_crumbs) {
    HeaderFields fields;
    fields.add("cookie", "a=1; rustbill_session=abc=; b=2");
    fields.add("cookie", "crumb=3");
    EXPECT_EQ(fields.find_cookie("rustbill_session"), "abc=");
    EXPECT_EQ(fields.find_cookie("b"), "2");
    EXPECT_EQ(fields.find_cookie("crumb"), "3");
    EXPECT_EQ(fields.find_cookie("session"), std::nullopt);
}

}  // namespace
}  // namespace rb::transport
