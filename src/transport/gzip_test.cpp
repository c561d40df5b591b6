#include "transport/gzip.hpp"

#include <gtest/gtest.h>
#include <zlib.h>

namespace rb::transport {
namespace {

TEST(Gzip, gives_back_what_it_took) {
    std::string text;
    for (int i = 0; i < 5000; ++i) text += std::to_string(i);
    EXPECT_EQ(*gunzip(gzip(text), text.size()), text);
    EXPECT_EQ(*gunzip(gzip(""), 0), "");
}

TEST(Gzip, reads_zlib_streams_as_deflate) {
    std::string packed(100, '\0');
    uLongf length = packed.size();
    ASSERT_EQ(compress(reinterpret_cast<Bytef*>(packed.data()), &length,
                       reinterpret_cast<const Bytef*>("hello"), 5),
              Z_OK);
    packed.resize(length);
    EXPECT_EQ(*gunzip(packed, 5), "hello");
}

TEST(Gzip, stops_a_bomb_at_the_limit) {
    const auto bomb = gzip(std::string(10'000'000, 'x'));
    ASSERT_LT(bomb.size(), 50'000U);
    EXPECT_EQ(gunzip(bomb, 9'999'999).error().code, ErrorCode::too_large);
    EXPECT_TRUE(gunzip(bomb, 10'000'000).has_value());
}

TEST(Gzip, refuses_damaged_truncated_and_trailing_data) {
    auto packed = gzip("some text that is long enough to be damaged somewhere");
    EXPECT_EQ(gunzip("not gzip", 100).error().code, ErrorCode::invalid_argument);
    EXPECT_EQ(gunzip("", 100).error().code, ErrorCode::invalid_argument);
    EXPECT_EQ(gunzip(packed.substr(0, packed.size() - 1), 100).error().code,
              ErrorCode::invalid_argument);
    EXPECT_EQ(gunzip(packed + "x", 100).error().code, ErrorCode::invalid_argument);
    packed[15] = static_cast<char>(packed[15] ^ 0x55);
    EXPECT_TRUE(gunzip(packed, 100).has_error());
}

TEST(AcceptsGzip, reads_lists_with_weights) {
    EXPECT_TRUE(accepts_gzip("gzip"));
    EXPECT_TRUE(accepts_gzip("identity, gzip;q=0.5"));
    EXPECT_TRUE(accepts_gzip("deflate,gzip"));
    EXPECT_FALSE(accepts_gzip("gzip;q=0"));
    EXPECT_FALSE(accepts_gzip("gzip;q=0.000"));
    EXPECT_FALSE(accepts_gzip("identity"));
    EXPECT_FALSE(accepts_gzip("xgzip"));
    EXPECT_FALSE(accepts_gzip(""));
}

}  // namespace
}  // namespace rb::transport
