// Which addresses a plugin may connect to.
//
// The host is resolved once, every address of it is judged, and the connection is made to an
// address that was judged: a second look-up that answers differently (DNS rebinding) changes
// nothing. Thread-safe.

#pragma once

#include "plugin/http/http_client.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rb::plugin {

// Addresses that are not on the public internet: private, loopback, link-local, shared, multicast,
// reserved, documentation, unique-local, and IPv6 forms that hide such an IPv4 address (mapped,
// NAT64, 6to4). An unreadable address counts as one.
bool is_private_address(std::string_view address);

// Whether the text is a host name (RFC 1123, labels of letters, digits, hyphens and underscores) or
// an address, IPv6 without brackets.
bool is_host(std::string_view text);

// The grant that covers the host (lower case, an IPv6 literal without brackets); null when none
// does. "*.example.com" covers names below it, not itself, and never an address.
const AllowedHost* find_grant(const HttpPolicy& policy, std::string_view host);

struct UrlParts {
    std::string scheme;  // http or https
    std::string host;    // lower case, without brackets
    std::uint16_t port = 0;
};

// Nothing when it is not an absolute http(s) URL whose host is_host(), or carries user information.
std::optional<UrlParts> split_url(const std::string& url);

// Addresses as text; empty when the name does not resolve. Blocks.
std::vector<std::string> resolve(const std::string& host);

}  // namespace rb::plugin
