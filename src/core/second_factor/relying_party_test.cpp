#include "core/second_factor/relying_party.hpp"

#include <gtest/gtest.h>

namespace rb::core {
namespace {

TEST(RelyingParty, is_the_name_by_which_the_page_was_opened) {
    EXPECT_EQ(*relying_party_of({.origin = "https://Shop.Example.com:8443", .host = "inner:50051"}),
              "shop.example.com");
    EXPECT_EQ(*relying_party_of({.origin = "http://localhost:50051"}), "localhost");
    EXPECT_EQ(*relying_party_of({.host = "shop.example.com"}), "shop.example.com");
    EXPECT_EQ(*relying_party_of({.origin = "null", .host = "shop.example.com:443"}),
              "shop.example.com");
    EXPECT_EQ(*relying_party_of({.host = "a1.xn--fiqs8s"}), "a1.xn--fiqs8s");
}

TEST(RelyingParty, is_no_address_and_no_rubbish) {
    for (const char* host : {"", "192.0.2.7", "192.0.2.7:443", "[2001:db8::1]:443", "::1", "shop_1",
                             "shop.example.com/x", "a b", "\xe4\xb8\xad.cn", "1.2.3.4."}) {
        const auto refused = relying_party_of({.host = host});
        ASSERT_TRUE(refused.has_error()) << host;
        EXPECT_EQ(refused.error().code, ErrorCode::failed_precondition);
        EXPECT_EQ(refused.error().field, "relying_party");
    }
    EXPECT_TRUE(relying_party_of({.host = std::string(253, 'a')}).has_value());
    EXPECT_TRUE(relying_party_of({.host = std::string(254, 'a')}).has_error());
}

TEST(RelyingParty, has_pages_of_its_own_name_over_private_connections_only) {
    EXPECT_TRUE(is_page_of("https://shop.example.com", "shop.example.com"));
    EXPECT_TRUE(is_page_of("https://shop.example.com:8443", "shop.example.com"));
    EXPECT_TRUE(is_page_of("http://localhost:50051", "localhost"));
    EXPECT_TRUE(is_page_of("http://shop.localhost", "shop.localhost"));
    for (const char* origin : {"http://shop.example.com", "https://evil.example.com",
                               "https://shop.example.com.evil.com", "https://x.shop.example.com",
                               "https://example.com", "shop.example.com", "null", "",
                               "ftp://shop.example.com", "https://shop.example.com@evil.com"}) {
        EXPECT_FALSE(is_page_of(origin, "shop.example.com")) << origin;
    }
}

}  // namespace
}  // namespace rb::core
