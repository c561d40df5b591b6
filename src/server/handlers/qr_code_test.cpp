#include "server/handlers/qr_code.hpp"

#include "transport/base64.hpp"

#include "server/limits.hpp"

#include <gtest/gtest.h>

namespace rb::server {
namespace {

TEST(QrDataUrl, is_an_image_a_page_can_show) {
    const auto url = qr_data_url("https://pay.example.com/q/1?sign=ab");
    const std::string prefix = "data:image/svg+xml;base64,";
    ASSERT_TRUE(url.starts_with(prefix));
    const auto svg = transport::base64_decode(url.substr(prefix.size()));
    ASSERT_TRUE(svg.has_value());
    EXPECT_TRUE(svg->starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\""));
    EXPECT_TRUE(svg->ends_with("</svg>"));
    // The text itself stands in the picture only, never as markup.
    EXPECT_EQ(svg->find("pay.example.com"), std::string::npos);
}

TEST(QrDataUrl, of_other_text_is_another_picture) {
    EXPECT_NE(qr_data_url("a"), qr_data_url("b"));
}

TEST(QrDataUrl, is_empty_for_no_text_and_for_too_much) {
    EXPECT_EQ(qr_data_url(""), "");
    EXPECT_NE(qr_data_url(std::string(limits::qr_text_bytes_max, 'x')), "");
    EXPECT_EQ(qr_data_url(std::string(limits::qr_text_bytes_max + 1, 'x')), "");
}

}  // namespace
}  // namespace rb::server
