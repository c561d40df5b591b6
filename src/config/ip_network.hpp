// IpNetwork: an address or a CIDR block ("10.0.0.0/8", "::1"), and whether an address lies in it.
// An IPv4 address mapped into IPv6 counts as the IPv4 address it is.

#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace rb::config {

// IPv4 as ::ffff:a.b.c.d, so that both kinds compare alike.
struct IpAddress {
    std::array<std::uint8_t, 16> bytes{};

    // nullopt when `text` is neither an IPv4 nor an IPv6 address.
    static std::optional<IpAddress> parse(std::string_view text);
    auto operator<=>(const IpAddress&) const = default;
};

class IpNetwork {
public:
    // nullopt when `text` is not an address with an optional /prefix length.
    static std::optional<IpNetwork> parse(std::string_view text);
    [[nodiscard]] bool contains(const IpAddress& address) const;

private:
    IpAddress base_;
    int prefix_bits_ = 128;
};

}  // namespace rb::config
