#include "server/middleware/client_address.hpp"

#include "server/limits.hpp"

#include <gtest/gtest.h>

namespace rb::server {
namespace {

struct Case {
    const char* peer;
    const char* forwarded;
    const char* ip;
};

std::string resolve(std::string_view peer, std::string_view forwarded) {
    transport::HeaderFields fields;
    if (!forwarded.empty()) fields.add("x-forwarded-for", forwarded);
    return client_address(peer, fields, trusted_networks({"127.0.0.0/8", "::1/128", "10.0.0.0/8"}))
        .ip;
}

TEST(ClientAddress, believes_trusted_proxies_only) {
    const Case cases[] = {
        {"203.0.113.7:4711", "", "203.0.113.7"},
        {"[2001:db8::1]:4711", "", "2001:db8::1"},
        // A stranger's header is his invention.
        {"203.0.113.7:4711", "1.2.3.4", "203.0.113.7"},
        {"127.0.0.1:4711", "203.0.113.7", "203.0.113.7"},
        {"[::1]:4711", "2001:db8::5", "2001:db8::5"},
        // What stands left of the first stranger was sent by him.
        {"127.0.0.1:4711", "1.2.3.4, 203.0.113.7", "203.0.113.7"},
        {"127.0.0.1:4711", "1.2.3.4, 203.0.113.7, 10.1.1.1", "203.0.113.7"},
        {"127.0.0.1:4711", "203.0.113.7:555", "203.0.113.7"},
        {"127.0.0.1:4711", "[2001:db8::5]:555", "2001:db8::5"},
        {"127.0.0.1:4711", "1.2.3.4, unknown", "127.0.0.1"},
        {"127.0.0.1:4711", "1.2.3.4,", "127.0.0.1"},
        {"127.0.0.1:4711", "10.2.2.2", "10.2.2.2"},
        {"127.0.0.1:4711", "", "127.0.0.1"},
        {"", "", ""},
    };
    for (const auto& [peer, forwarded, ip] : cases) {
        EXPECT_EQ(resolve(peer, forwarded), ip) << peer << " / " << forwarded;
    }
}

TEST(ClientAddress, reads_several_fields_as_one_list) {
    transport::HeaderFields fields;
    fields.add("x-forwarded-for", "1.2.3.4");
    fields.add("x-forwarded-for", "203.0.113.7");
    EXPECT_EQ(client_address("127.0.0.1:1", fields, trusted_networks({"127.0.0.1"})).ip,
              "203.0.113.7");
}

TEST(ClientAddress, cannot_be_pushed_out_by_inventions) {
    // nginx appends to what it was sent ($proxy_add_x_forwarded_for).
    std::string invented;
    for (std::size_t i = 0; i < limits::forwarded_entries_max; ++i) invented += "1.2.3.4, ";
    EXPECT_EQ(resolve("127.0.0.1:4711", invented + "203.0.113.7"), "203.0.113.7");
    transport::HeaderFields fields;
    fields.add("x-forwarded-for", invented + "1.2.3.4");
    fields.add("x-forwarded-for", "203.0.113.7");
    EXPECT_EQ(client_address("127.0.0.1:1", fields, trusted_networks({"127.0.0.1"})).ip,
              "203.0.113.7");
}

TEST(RateKey, counts_an_ipv6_host_by_its_network) {
    EXPECT_EQ(rate_key_of({"203.0.113.7"}), "203.0.113.7");
    EXPECT_EQ(rate_key_of({"::ffff:203.0.113.7"}), "203.0.113.7");
    EXPECT_EQ(rate_key_of({"2001:db8:1:2:3:4:5:6"}), rate_key_of({"2001:db8:1:2:ffff::1"}));
    EXPECT_NE(rate_key_of({"2001:db8:1:2::1"}), rate_key_of({"2001:db8:1:3::1"}));
    EXPECT_EQ(rate_key_of({""}), "unknown");
}

}  // namespace
}  // namespace rb::server
