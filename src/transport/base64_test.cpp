#include "transport/base64.hpp"

#include <gtest/gtest.h>

namespace rb::transport {
namespace {

// RFC 4648, 10.
TEST(Base64, matches_the_vectors_of_the_rfc) {
    const std::pair<std::string_view, std::string_view> vectors[] = {{"", ""},
                                                                     {"f", "Zg=="},
                                                                     {"fo", "Zm8="},
                                                                     {"foo", "Zm9v"},
                                                                     {"foob", "Zm9vYg=="},
                                                                     {"fooba", "Zm9vYmE="},
                                                                     {"foobar", "Zm9vYmFy"}};
    for (const auto& [bytes, text] : vectors) {
        EXPECT_EQ(base64_encode(bytes), text);
        EXPECT_EQ(base64_decode(text), bytes);
    }
}

TEST(Base64, reads_text_without_padding) {
    EXPECT_EQ(base64_decode("Zg"), "f");
    EXPECT_EQ(base64_decode("Zm8"), "fo");
    EXPECT_EQ(base64_encode("f", Padding::without), "Zg");
}

TEST(Base64, refuses_what_is_not_base64) {
    EXPECT_EQ(base64_decode("Z"), std::nullopt);
    EXPECT_EQ(base64_decode("Zm9v!"), std::nullopt);
    EXPECT_EQ(base64_decode("Z=9v"), std::nullopt);
    EXPECT_EQ(base64_decode("===="), std::nullopt);
    EXPECT_EQ(base64_decode("Zm9v Zm9v"), std::nullopt);
}

}  // namespace
}  // namespace rb::transport
