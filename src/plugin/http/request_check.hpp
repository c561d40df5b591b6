// What is checked of a request before anything leaves: its form, its size, and whether its policy
// lets it reach where it wants to go.

#pragma once

#include "plugin/http/address_policy.hpp"
#include "plugin/http/http_client.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace rb::plugin {

// Where an admitted request goes.
struct Route {
    UrlParts url;
    // Whom the connection is made to: the host of the URL, or the proxy.
    UrlParts peer;
    // The addresses of it that were judged, to which the connection is pinned; empty for a socket
    // file.
    std::vector<std::string> addresses;
    // What the circuit breaker counts: "host:port", "unix:/path".
    std::string circuit;
};

using Resolve = std::function<std::vector<std::string>(const std::string& host)>;
using RouteResult = boost::system::result<Route, HttpFailure>;

// ERRORS: a refusal (delivery not_sent) naming the rule; "does not resolve" is no refusal.
RouteResult route_request(const HttpRequest& request, const HttpPolicy& policy,
                          const Resolve& resolve);

}  // namespace rb::plugin
