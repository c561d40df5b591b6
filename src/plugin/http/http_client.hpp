// The one door through which plugins speak HTTP.
//
// HttpClient is a port of this layer: curl_http_client.hpp is the real one, cassette.hpp records
// and replays. Each request carries its own policy: which hosts it may reach and whether private
// addresses are allowed there.

#pragma once

#include <boost/system/result.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rb::plugin {

using HeaderList = std::vector<std::pair<std::string, std::string>>;

// PEM texts; empty means: the system's authorities, no client certificate. An authority that is
// given is believed in the place of the system's.
struct TlsOptions {
    std::string ca_pem = {};
    std::string client_cert_pem = {};
    std::string client_key_pem = {};
    // SHA-256 of the server's certificate (DER), 64 hexadecimal digits. When set, exactly this
    // certificate is accepted, whoever signed it: for servers with a certificate of their own, such
    // as Incus. Compared in constant time.
    std::string certificate_sha256 = {};
};

// A host this request's plugin may reach.
struct AllowedHost {
    // Lower case; "*.domain" for any name below it.
    std::string pattern;
    bool allows_private = false;
};

struct HttpPolicy {
    std::vector<AllowedHost> hosts = {};
    std::vector<std::string> unix_sockets = {};
};

struct HttpRequest {
    std::string method = "GET";
    std::string url;
    HeaderList headers = {};
    std::string body = {};
    TlsOptions tls = {};
    // Of the whole exchange, connecting included.
    std::chrono::milliseconds timeout{30'000};
    std::size_t response_bytes_max = 0;  // 0: the layer's limit
    // A socket file to connect to instead of the URL's host.
    std::string unix_socket = {};
    // "http://host:port"; the host must be allowed like any other.
    std::string proxy = {};
};

struct HttpResponse {
    int status = 0;
    // As it stands in a status line.
    std::string version = "HTTP/1.1";
    // Lower-case names, in the order they came.
    HeaderList headers = {};
    std::string body = {};

    // The first header of that (lower-case) name; empty when there is none.
    [[nodiscard]] std::string_view header(std::string_view name) const;
};

// Whether the peer may have acted on the request.
enum class Delivery {
    // It certainly did not see it: refused by policy, not resolved, not connected, circuit open.
    not_sent,
    // It may have.
    uncertain,
};

struct HttpFailure {
    Delivery delivery = Delivery::not_sent;
    // Fit for an operator: names the host, never a header, a body or a key.
    std::string message = {};
    // Whether the policy or the request itself was at fault: trying again is pointless.
    bool is_refusal = false;
    // Whether time ran out.
    bool is_timeout = false;
    // Whether the answer came, but was larger than allowed.
    bool is_too_large = false;
};

using HttpResult = boost::system::result<HttpResponse, HttpFailure>;
// Called by result::value() on a failure: reaching it is a bug, so it ends the process.
[[noreturn]] void throw_exception_from_error(const HttpFailure& failure,
                                             const boost::source_location& where);

class HttpClient {
public:
    virtual ~HttpClient() = default;
    // Blocks until the answer is there or the timeout passes. An answer with an error status is an
    // answer. Redirects are not followed. Thread-safe.
    virtual HttpResult send(const HttpRequest& request, const HttpPolicy& policy) = 0;
};

}  // namespace rb::plugin
