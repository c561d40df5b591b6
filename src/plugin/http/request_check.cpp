#include "plugin/http/request_check.hpp"

#include "plugin/limits.hpp"

#include <algorithm>
#include <array>

namespace rb::plugin {

namespace {

HttpFailure refused(std::string rule) {
    return {.delivery = Delivery::not_sent, .message = std::move(rule), .is_refusal = true};
}

bool is_token(std::string_view text) {
    constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
    return !text.empty() && std::ranges::all_of(text, [&](char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
               marks.find(c) != std::string_view::npos;
    });
}

bool equals_ignoring_case(std::string_view left, std::string_view right) {
    const auto lower = [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    };
    return std::ranges::equal(left, right, {}, lower, lower);
}

// These are the client's own: a script that sets them could speak to another host, or smuggle a
// second request.
constexpr std::array<std::string_view, 5> own_headers{"host", "content-length", "transfer-encoding",
                                                      "connection", "upgrade"};

std::optional<HttpFailure> check_form(const HttpRequest& request) {
    if (!is_token(request.method)) return refused("method: is not an HTTP method");
    if (request.url.size() > http_url_bytes_max) return refused("url: is too long");
    if (request.body.size() > http_request_bytes_max) return refused("body: is too large");
    if (request.headers.size() > http_headers_max) return refused("headers: are too many");
    std::size_t bytes = 0;
    for (const auto& [name, value] : request.headers) {
        bytes += name.size() + value.size();
        if (!is_token(name)) return refused("headers: a name is malformed");
        if (value.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos) {
            return refused("headers: the value of " + name + " holds a line break");
        }
        for (const auto own : own_headers) {
            if (equals_ignoring_case(name, own)) {
                return refused("headers: " + name + " cannot be set");
            }
        }
    }
    if (bytes > http_header_bytes_max) return refused("headers: are too large");
    return std::nullopt;
}

RouteResult route_to_socket(const HttpRequest& request, const HttpPolicy& policy, UrlParts url) {
    const auto& sockets = policy.unix_sockets;
    if (std::ranges::find(sockets, request.unix_socket) == sockets.end()) {
        return refused("unix_socket: " + request.unix_socket + " is not granted to this plugin");
    }
    if (!request.proxy.empty()) return refused("proxy: does not lead to a socket file");
    return Route{url, url, {}, "unix:" + request.unix_socket};
}

std::string circuit_of(const UrlParts& url) {
    return url.host + ":" + std::to_string(url.port);
}

bool is_number_or_colon(std::string_view host) {
    return host.find_first_not_of("0123456789.") == std::string_view::npos ||
           host.find(':') != std::string_view::npos;
}

// The addresses of a host, all of them allowed by its grant. `name` is the host in messages.
boost::system::result<std::vector<std::string>, HttpFailure> judged_addresses(
    const UrlParts& peer, const std::string& name, const AllowedHost& grant,
    const Resolve& resolve) {
    auto addresses = resolve(peer.host);
    if (addresses.empty()) return HttpFailure{.message = name + " does not resolve"};
    if (!grant.allows_private && std::ranges::any_of(addresses, is_private_address)) {
        return refused(name + " has a private address, which is not granted");
    }
    return addresses;
}

// The proxy resolves the target's name, so only its text can be judged here; the proxy itself is
// judged like any host.
RouteResult route_through_proxy(const HttpRequest& request, const HttpPolicy& policy, UrlParts url,
                                const AllowedHost& grant, const Resolve& resolve) {
    auto proxy = split_url(request.proxy);
    if (!proxy) return refused("proxy: is not an http(s) URL");
    const auto* proxy_grant = find_grant(policy, proxy->host);
    if (proxy_grant == nullptr) {
        return refused("proxy: host " + proxy->host + " is not granted to this plugin");
    }
    if (is_number_or_colon(url.host) && is_private_address(url.host) && !grant.allows_private) {
        return refused("host " + url.host + " has a private address, which is not granted");
    }
    auto addresses = judged_addresses(*proxy, "proxy: host " + proxy->host, *proxy_grant, resolve);
    if (addresses.has_error()) return addresses.error();
    auto circuit = circuit_of(url);
    return Route{std::move(url), std::move(*proxy), std::move(*addresses), std::move(circuit)};
}

}  // namespace

RouteResult route_request(const HttpRequest& request, const HttpPolicy& policy,
                          const Resolve& resolve) {
    if (auto failure = check_form(request)) return std::move(*failure);
    auto url = split_url(request.url);
    if (!url) return refused("url: is not an absolute http or https URL without user information");
    if (!request.unix_socket.empty()) return route_to_socket(request, policy, std::move(*url));

    const auto* grant = find_grant(policy, url->host);
    if (grant == nullptr) return refused("host " + url->host + " is not granted to this plugin");
    if (!request.proxy.empty()) {
        return route_through_proxy(request, policy, std::move(*url), *grant, resolve);
    }
    auto addresses = judged_addresses(*url, "host " + url->host, *grant, resolve);
    if (addresses.has_error()) return addresses.error();
    auto circuit = circuit_of(*url);
    return Route{*url, *url, std::move(*addresses), std::move(circuit)};
}

}  // namespace rb::plugin
