#include "config/ip_network.hpp"

#include <gtest/gtest.h>

namespace rb::config {
namespace {

bool lies_in(std::string_view address, std::string_view network) {
    const auto parsed_address = IpAddress::parse(address);
    const auto parsed_network = IpNetwork::parse(network);
    EXPECT_TRUE(parsed_address) << address;
    EXPECT_TRUE(parsed_network) << network;
    return parsed_address && parsed_network && parsed_network->contains(*parsed_address);
}

TEST(IpNetwork, holds_what_shares_its_prefix) {
    EXPECT_TRUE(lies_in("10.1.2.3", "10.0.0.0/8"));
    EXPECT_FALSE(lies_in("11.0.0.1", "10.0.0.0/8"));
    EXPECT_TRUE(lies_in("192.168.1.129", "192.168.1.128/25"));
    EXPECT_FALSE(lies_in("192.168.1.127", "192.168.1.128/25"));
    EXPECT_TRUE(lies_in("203.0.113.9", "0.0.0.0/0"));
    EXPECT_TRUE(lies_in("2001:db8::1", "2001:db8::/32"));
    EXPECT_FALSE(lies_in("2001:db9::1", "2001:db8::/32"));
}

TEST(IpNetwork, without_a_length_is_one_address) {
    EXPECT_TRUE(lies_in("::1", "::1"));
    EXPECT_FALSE(lies_in("::2", "::1"));
    EXPECT_FALSE(lies_in("127.0.0.2", "127.0.0.1"));
}

TEST(IpNetwork, takes_a_mapped_address_for_the_ipv4_address_it_is) {
    EXPECT_TRUE(lies_in("::ffff:127.0.0.1", "127.0.0.0/8"));
    EXPECT_FALSE(lies_in("::1", "0.0.0.0/0"));
}

TEST(IpNetwork, refuses_what_is_neither) {
    for (const auto* text : {"", "localhost", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/8x", "1.2.3",
                             "::1/129", "::1/-1", "10.0.0.0/8/8"}) {
        EXPECT_FALSE(IpNetwork::parse(text)) << text;
    }
}

}  // namespace
}  // namespace rb::config
