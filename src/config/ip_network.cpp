#include "config/ip_network.hpp"

#include <arpa/inet.h>

#include <charconv>
#include <cstring>
#include <string>

namespace rb::config {

namespace {

// The bits of ::ffff:0:0/96 in front of an IPv4 address.
constexpr int mapped_bits = 96;

bool is_ipv4(std::string_view text) {
    return text.find(':') == std::string_view::npos;
}

}  // namespace

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
    // inet_pton wants a terminated string; the longest address has 45 characters.
    if (text.empty() || text.size() > 45) return std::nullopt;
    const std::string terminated(text);
    IpAddress address;
    if (is_ipv4(text)) {
        in_addr v4{};
        if (inet_pton(AF_INET, terminated.c_str(), &v4) != 1) return std::nullopt;
        address.bytes[10] = address.bytes[11] = 0xff;
        std::memcpy(&address.bytes[12], &v4, sizeof v4);
        return address;
    }
    if (inet_pton(AF_INET6, terminated.c_str(), address.bytes.data()) != 1) return std::nullopt;
    return address;
}

std::optional<IpNetwork> IpNetwork::parse(std::string_view text) {
    const auto slash = text.find('/');
    const auto host = text.substr(0, slash);
    const auto base = IpAddress::parse(host);
    if (!base) return std::nullopt;
    IpNetwork network;
    network.base_ = *base;
    if (slash == std::string_view::npos) return network;

    const auto digits = text.substr(slash + 1);
    int bits = -1;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
    const int bits_max = is_ipv4(host) ? 32 : 128;
    if (error != std::errc() || end != digits.data() + digits.size() || bits < 0 ||
        bits > bits_max) {
        return std::nullopt;
    }
    network.prefix_bits_ = is_ipv4(host) ? mapped_bits + bits : bits;
    return network;
}

bool IpNetwork::contains(const IpAddress& address) const {
    int bits = prefix_bits_;
    for (std::size_t i = 0; i < address.bytes.size() && bits > 0; ++i, bits -= 8) {
        const auto mask = bits >= 8 ? 0xffU : 0xffU << (8 - bits) & 0xffU;
        if (((address.bytes[i] ^ base_.bytes[i]) & mask) != 0) return false;
    }
    return true;
}

}  // namespace rb::config
