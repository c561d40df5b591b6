#include "server/middleware/client_address.hpp"

#include "base/assert.hpp"

#include "server/limits.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <optional>

namespace rb::server {

namespace {

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

// "1.2.3.4:80" and "[::1]:80" lose the port; a bare IPv6 address has none.
std::string_view without_port(std::string_view text) {
    if (text.starts_with('[')) {
        const auto close = text.find(']');
        return close == std::string_view::npos ? std::string_view() : text.substr(1, close - 1);
    }
    if (std::ranges::count(text, ':') == 1) return text.substr(0, text.find(':'));
    return text;
}

bool is_trusted(std::string_view ip, const std::vector<config::IpNetwork>& trusted) {
    const auto address = config::IpAddress::parse(ip);
    return address && std::ranges::any_of(
                          trusted, [&](const auto& network) { return network.contains(*address); });
}

// The entries of all X-Forwarded-For fields, the last written first: those our proxies wrote are
// read before any that the caller made up, however many of those there are.
std::vector<std::string_view> forwarded_for(const transport::HeaderFields& fields) {
    std::vector<std::string_view> entries;
    for (auto i = fields.size(); i > 0; --i) {
        const auto [name, value] = fields[i - 1];
        if (name != "x-forwarded-for") continue;
        auto rest = value;
        while (entries.size() < limits::forwarded_entries_max) {
            const auto comma = rest.rfind(',');
            const auto begin = comma == std::string_view::npos ? 0 : comma + 1;
            entries.push_back(without_port(trimmed(rest.substr(begin))));
            if (comma == std::string_view::npos) break;
            rest = rest.substr(0, comma);
        }
    }
    return entries;
}

}  // namespace

std::vector<config::IpNetwork> trusted_networks(const std::vector<std::string>& entries) {
    std::vector<config::IpNetwork> networks;
    for (const auto& entry : entries) {
        const auto network = config::IpNetwork::parse(entry);
        ASSERT(network.has_value());
        networks.push_back(*network);
    }
    return networks;
}

ClientAddress client_address(std::string_view peer, const transport::HeaderFields& fields,
                             const std::vector<config::IpNetwork>& trusted) {
    auto nearest = without_port(peer);
    for (const auto entry : forwarded_for(fields)) {
        // What a trusted proxy could not name is not an address: the proxy itself is the best we
        // know.
        if (!is_trusted(nearest, trusted) || !config::IpAddress::parse(entry)) break;
        nearest = entry;
    }
    return {std::string(nearest)};
}

std::string rate_key_of(const ClientAddress& client) {
    const auto address = config::IpAddress::parse(client.ip);
    if (!address) return "unknown";
    constexpr std::array<std::uint8_t, 12> mapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    if (std::equal(mapped.begin(), mapped.end(), address->bytes.begin())) {
        std::array<char, 16> text{};
        std::snprintf(text.data(), text.size(), "%d.%d.%d.%d", address->bytes[12],
                      address->bytes[13], address->bytes[14], address->bytes[15]);
        return text.data();
    }
    std::array<char, 24> text{};
    const auto word = [&](std::size_t i) {
        return static_cast<unsigned>(address->bytes[2 * i]) << 8U | address->bytes[2 * i + 1];
    };
    std::snprintf(text.data(), text.size(), "%x:%x:%x:%x::", word(0), word(1), word(2), word(3));
    return text.data();
}

}  // namespace rb::server
