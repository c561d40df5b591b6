#include "core/identity/origin_check.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace rb::core {
namespace {

struct Arrival {
    const char* origin;
    const char* sec_fetch_site;
    const char* host;
    bool allowed;
};

// The rule of the header, line by line.
TEST(RequestOrigin, lets_our_own_pages_through_and_no_others) {
    const std::vector<std::string> allowed_origins{"https://admin.example.com", "*"};
    const std::vector<Arrival> table{
        // named by the operator
        {"https://admin.example.com", "same-site", "shop.example.com", true},
        {"https://admin.example.com", "cross-site", "shop.example.com", true},
        {"https://admin.example.com:8443", "cross-site", "shop.example.com", false},
        {"http://admin.example.com", "cross-site", "shop.example.com", false},
        {"*", "cross-site", "shop.example.com", false},
        // what the browser says of the site
        {"https://shop.example.com", "same-origin", "shop.example.com", true},
        {"", "none", "shop.example.com", true},
        {"https://evil.example.com", "same-site", "shop.example.com", false},
        {"https://evil.test", "cross-site", "shop.example.com", false},
        {"https://shop.example.com", "cross-site", "shop.example.com", false},
        {"", "nonsense", "shop.example.com", false},
        // an old browser: the origin against the host
        {"https://shop.example.com", "", "shop.example.com", true},
        {"https://SHOP.example.com", "", "shop.Example.com", true},
        {"https://shop.example.com:443", "", "shop.example.com", true},
        {"http://localhost:50051", "", "localhost:50051", true},
        {"http://localhost:3000", "", "localhost:50051", false},
        {"https://shop.example.com.evil.test", "", "shop.example.com", false},
        {"https://evil.test/shop.example.com", "", "shop.example.com", false},
        {"null", "", "shop.example.com", false},
        {"null", "", "", false},
        {"https://", "", "", false},
        // no browser
        {"", "", "shop.example.com", true},
        {"", "", "", true},
    };
    for (const auto& row : table) {
        const auto verdict = check_request_origin(
            {.origin = row.origin, .sec_fetch_site = row.sec_fetch_site, .host = row.host},
            allowed_origins);
        EXPECT_EQ(verdict.has_value(), row.allowed)
            << row.origin << " | " << row.sec_fetch_site << " | " << row.host;
        if (verdict.has_error()) {
            EXPECT_EQ(verdict.error().code, ErrorCode::permission_denied);
        }
    }
}

}  // namespace
}  // namespace rb::core
