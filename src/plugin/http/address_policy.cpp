#include "plugin/http/address_policy.hpp"

#include "core/text.hpp"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>

namespace rb::plugin {

namespace {

struct Range4 {
    std::uint32_t base;
    int bits;
};

constexpr std::uint32_t ipv4(std::uint32_t a, std::uint32_t b, std::uint32_t c, std::uint32_t d) {
    return (a << 24) | (b << 16) | (c << 8) | d;
}

// IANA's registry of special-purpose addresses.
constexpr std::array<Range4, 14> private_ipv4{{
    {ipv4(0, 0, 0, 0), 8},
    {ipv4(10, 0, 0, 0), 8},
    {ipv4(100, 64, 0, 0), 10},
    {ipv4(127, 0, 0, 0), 8},
    {ipv4(169, 254, 0, 0), 16},
    {ipv4(172, 16, 0, 0), 12},
    {ipv4(192, 0, 0, 0), 24},
    {ipv4(192, 0, 2, 0), 24},
    {ipv4(192, 168, 0, 0), 16},
    {ipv4(198, 18, 0, 0), 15},
    {ipv4(198, 51, 100, 0), 24},
    {ipv4(203, 0, 113, 0), 24},
    {ipv4(224, 0, 0, 0), 4},
    {ipv4(240, 0, 0, 0), 4},
}};

bool is_private_v4(std::uint32_t address) {
    return std::ranges::any_of(private_ipv4, [&](const Range4& range) {
        return (address >> (32 - range.bits)) == (range.base >> (32 - range.bits));
    });
}

std::uint32_t v4_inside(const std::array<std::uint8_t, 16>& bytes, std::size_t at) {
    return ipv4(bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]);
}

bool starts_with(const std::array<std::uint8_t, 16>& bytes,
                 std::initializer_list<std::uint8_t> prefix) {
    return std::equal(prefix.begin(), prefix.end(), bytes.begin());
}

bool is_private_v6(const std::array<std::uint8_t, 16>& bytes) {
    // ::, ::1, IPv4-compatible; IPv4-mapped.
    if (starts_with(bytes, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0})) return true;
    if (starts_with(bytes, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF})) {
        return is_private_v4(v4_inside(bytes, 12));
    }
    // 64:ff9b::/96 (NAT64), 2002::/16 (6to4).
    if (starts_with(bytes, {0, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0})) {
        return is_private_v4(v4_inside(bytes, 12));
    }
    if (starts_with(bytes, {0x20, 0x02})) return is_private_v4(v4_inside(bytes, 2));
    // 2001::/23 is kept for protocols, among them Teredo, which hides an IPv4 address.
    if (starts_with(bytes, {0x20, 0x01}) && bytes[2] < 0x02) return true;
    if (starts_with(bytes, {0x20, 0x01, 0x0D, 0xB8})) return true;  // documentation
    // 3fff::/20, documentation too.
    if (starts_with(bytes, {0x3F, 0xFF}) && bytes[2] < 0x10) return true;
    // Of the rest only global unicast, 2000::/3, is public: not fc00::/7, fe80::/10, ff00::/8,
    // discard-only 100::/64.
    return (bytes[0] & 0xE0) != 0x20;
}

bool is_address(const std::string& host) {
    in6_addr address{};
    return inet_pton(AF_INET, host.c_str(), &address) == 1 ||
           inet_pton(AF_INET6, host.c_str(), &address) == 1;
}

using CurlUrl = std::unique_ptr<CURLU, decltype(&curl_url_cleanup)>;

std::optional<std::string> part_of(CURLU* url, CURLUPart part, unsigned flags = 0) {
    char* text = nullptr;
    if (curl_url_get(url, part, &text, flags) != CURLUE_OK) return std::nullopt;
    std::string copy(text);
    curl_free(text);
    return copy;
}

}  // namespace

bool is_private_address(std::string_view address) {
    const std::string text(address);
    in_addr v4{};
    if (inet_pton(AF_INET, text.c_str(), &v4) == 1) return is_private_v4(ntohl(v4.s_addr));
    std::array<std::uint8_t, 16> v6{};
    if (inet_pton(AF_INET6, text.c_str(), v6.data()) == 1) return is_private_v6(v6);
    return true;
}

bool is_host(std::string_view text) {
    if (is_address(std::string(text))) return true;
    if (text.empty() || text.size() > 253) return false;
    const auto is_part = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '_';
    };
    while (true) {
        const auto dot = text.find('.');
        const auto label = text.substr(0, dot);
        if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-' ||
            !std::ranges::all_of(label, is_part)) {
            return false;
        }
        if (dot == std::string_view::npos) return true;
        text.remove_prefix(dot + 1);
    }
}

const AllowedHost* find_grant(const HttpPolicy& policy, std::string_view host) {
    const AllowedHost* found = nullptr;
    for (const auto& allowed : policy.hosts) {
        const std::string_view pattern = allowed.pattern;
        const bool covers = pattern.starts_with("*.") ? host.size() > pattern.size() - 1 &&
                                                            host.ends_with(pattern.substr(1)) &&
                                                            !is_address(std::string(host))
                                                      : host == pattern;
        if (covers && (found == nullptr || allowed.allows_private)) found = &allowed;
    }
    return found;
}

std::optional<UrlParts> split_url(const std::string& text) {
    const CurlUrl url(curl_url(), curl_url_cleanup);
    if (curl_url_set(url.get(), CURLUPART_URL, text.c_str(), CURLU_DISALLOW_USER) != CURLUE_OK) {
        return std::nullopt;
    }
    auto scheme = part_of(url.get(), CURLUPART_SCHEME);
    auto host = part_of(url.get(), CURLUPART_HOST);
    const auto port = part_of(url.get(), CURLUPART_PORT, CURLU_DEFAULT_PORT);
    if (!scheme || !host || host->empty() || !port) return std::nullopt;
    if (*scheme != "http" && *scheme != "https") return std::nullopt;
    if (host->starts_with('[') && host->ends_with(']')) *host = host->substr(1, host->size() - 2);
    // libcurl would look an international name up in another form than the one that is judged.
    if (!is_host(*host)) return std::nullopt;
    return UrlParts{std::move(*scheme), core::to_lower_ascii(*host),
                    static_cast<std::uint16_t>(std::stoi(*port))};
}

std::vector<std::string> resolve(const std::string& host) {
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* list = nullptr;
    if (getaddrinfo(host.c_str(), nullptr, &hints, &list) != 0) return {};
    const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(list, freeaddrinfo);
    std::vector<std::string> addresses;
    for (const auto* entry = list; entry != nullptr; entry = entry->ai_next) {
        std::array<char, NI_MAXHOST> text{};
        if (getnameinfo(entry->ai_addr, entry->ai_addrlen, text.data(), text.size(), nullptr, 0,
                        NI_NUMERICHOST) != 0) {
            continue;
        }
        std::string address(text.data());
        // A scope ("fe80::1%eth0") only occurs on link-local addresses, which are private.
        address = address.substr(0, address.find('%'));
        if (std::ranges::find(addresses, address) == addresses.end()) {
            addresses.push_back(std::move(address));
        }
    }
    return addresses;
}

}  // namespace rb::plugin
