// Where a call comes from, seen through the proxies in front of us.
//
// The socket's peer is believed. When it is a trusted proxy ([server].trusted_proxies), so is the
// last entry it wrote into X-Forwarded-For, and so on while entries name trusted proxies; whatever
// stands left of the first stranger may be invented and is not looked at.

#pragma once

#include "transport/header_fields.hpp"

#include "config/ip_network.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace rb::server {

// Attached to every call (CallContext::attributes).
struct ClientAddress {
    // Without a port: "203.0.113.7", "2001:db8::1". Empty when the peer has no address.
    std::string ip;
};

// REQUIRES: every entry of [server].trusted_proxies parses (check_config saw to it)
std::vector<config::IpNetwork> trusted_networks(const std::vector<std::string>& entries);

// `peer` as the transport gives it: "127.0.0.1:4711", "[::1]:4711".
ClientAddress client_address(std::string_view peer, const transport::HeaderFields& fields,
                             const std::vector<config::IpNetwork>& trusted);

// What one client is counted by: an IPv4 address, or the /64 of an IPv6 address, for a host has the
// whole of it to choose from.
std::string rate_key_of(const ClientAddress& client);

}  // namespace rb::server
