#include "plugin/http/curl_http_client.hpp"

#include "core/text.hpp"

#include "plugin/crypto/digest.hpp"
#include "plugin/encoding/text_encoding.hpp"
#include "plugin/http/request_check.hpp"
#include "plugin/limits.hpp"

#include <curl/curl.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>
#include <memory>
#include <mutex>

namespace rb::plugin {

namespace {

using CurlHandle = std::unique_ptr<CURL, decltype(&curl_easy_cleanup)>;
struct FreeList {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using CurlList = std::unique_ptr<curl_slist, FreeList>;

void initialise_once() {
    static std::once_flag once;
    std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
}

void append(CurlList& list, const std::string& line) {
    curl_slist* grown = curl_slist_append(list.get(), line.c_str());
    ASSERT(grown != nullptr);
    (void)list.release();
    list.reset(grown);
}

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

std::string version_of(CURL* curl) {
    long version = CURL_HTTP_VERSION_NONE;
    curl_easy_getinfo(curl, CURLINFO_HTTP_VERSION, &version);
    switch (version) {
        case CURL_HTTP_VERSION_1_0:
            return "HTTP/1.0";
        case CURL_HTTP_VERSION_2_0:
            return "HTTP/2.0";
        case CURL_HTTP_VERSION_3:
            return "HTTP/3.0";
        default:
            return "HTTP/1.1";
    }
}

// What curl's callbacks fill.
struct Exchange {
    HttpResponse response;
    std::size_t header_bytes = 0;
    std::size_t body_bytes_max = 0;
    bool too_large = false;
    // The pinned fingerprint, lower case; empty when the chain is verified instead.
    std::string pin;
};

std::size_t on_body(char* data, std::size_t, std::size_t size, void* user) {
    auto& exchange = *static_cast<Exchange*>(user);
    if (exchange.response.body.size() + size > exchange.body_bytes_max) {
        exchange.too_large = true;
        return 0;
    }
    exchange.response.body.append(data, size);
    return size;
}

std::size_t on_header(char* data, std::size_t, std::size_t size, void* user) {
    auto& exchange = *static_cast<Exchange*>(user);
    exchange.header_bytes += size;
    if (exchange.header_bytes > http_header_bytes_max ||
        exchange.response.headers.size() >= http_headers_max) {
        exchange.too_large = true;
        return 0;
    }
    const std::string_view line(data, size);
    // Each status line begins anew: an interim answer (100, 103) came before.
    if (line.starts_with("HTTP/")) {
        exchange.response.headers.clear();
    } else if (const auto colon = line.find(':'); colon != std::string_view::npos) {
        exchange.response.headers.emplace_back(core::to_lower_ascii(line.substr(0, colon)),
                                               trimmed(line.substr(colon + 1)));
    }
    return size;
}

// Takes exactly the pinned certificate, whoever signed it.
int verify_pin(X509_STORE_CTX* store, void* user) {
    const auto& exchange = *static_cast<const Exchange*>(user);
    const X509* leaf = X509_STORE_CTX_get0_cert(store);
    std::array<unsigned char, EVP_MAX_MD_SIZE> hash{};
    unsigned int size = 0;
    const bool is_read =
        leaf != nullptr && X509_digest(leaf, EVP_sha256(), hash.data(), &size) == 1;
    const std::string found =
        hex_encode({reinterpret_cast<const char*>(hash.data()), is_read ? size : 0});
    const bool is_right = equal_constant_time(found, exchange.pin);
    X509_STORE_CTX_set_error(store, is_right ? X509_V_OK : X509_V_ERR_CERT_REJECTED);
    return is_right ? 1 : 0;
}

CURLcode on_tls_context(CURL*, void* context, void* user) {
    SSL_CTX_set_cert_verify_callback(static_cast<SSL_CTX*>(context), verify_pin, user);
    return CURLE_OK;
}

void set_blob(CURL* curl, CURLoption option, const std::string& content) {
    if (content.empty()) return;
    curl_blob blob{const_cast<char*>(content.data()), content.size(), CURL_BLOB_COPY};
    curl_easy_setopt(curl, option, &blob);
}

void set_tls(CURL* curl, const TlsOptions& tls, Exchange& exchange) {
    set_blob(curl, CURLOPT_CAINFO_BLOB, tls.ca_pem);
    // The system's authorities lie in a folder that libcurl would look into besides.
    if (!tls.ca_pem.empty()) curl_easy_setopt(curl, CURLOPT_CAPATH, nullptr);
    set_blob(curl, CURLOPT_SSLCERT_BLOB, tls.client_cert_pem);
    set_blob(curl, CURLOPT_SSLKEY_BLOB, tls.client_key_pem);
    curl_easy_setopt(curl, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    if (tls.certificate_sha256.empty()) return;
    exchange.pin = core::to_lower_ascii(tls.certificate_sha256);
    curl_easy_setopt(curl, CURLOPT_SSL_CTX_FUNCTION, on_tls_context);
    curl_easy_setopt(curl, CURLOPT_SSL_CTX_DATA, &exchange);
    // The certificate itself is compared, so its names say nothing more.
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L);
}

void set_body(CURL* curl, const HttpRequest& request) {
    const bool expects_body =
        request.method == "POST" || request.method == "PUT" || request.method == "PATCH";
    if (expects_body || !request.body.empty()) {
        curl_easy_setopt(curl, CURLOPT_POST, 1L);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE,
                         static_cast<curl_off_t>(request.body.size()));
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request.body.data());
    }
    if (request.method == "HEAD") curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request.method.c_str());
}

CurlList header_lines(const HttpRequest& request) {
    CurlList list;
    bool has_type = false;
    for (const auto& [name, value] : request.headers) {
        has_type = has_type || core::to_lower_ascii(name) == "content-type";
        // A header without a value needs a semicolon here; "Name:" would remove it.
        append(list, value.empty() ? name + ";" : name + ": " + value);
    }
    append(list, "Expect:");
    if (!has_type) append(list, "Content-Type:");
    return list;
}

CurlList pinned_addresses(const Route& route) {
    CurlList list;
    if (route.addresses.empty()) return list;
    // A host that is an IPv6 address is what was judged itself, and has no form that libcurl takes.
    if (route.peer.host.find(':') != std::string::npos) return list;
    std::string line = route.peer.host + ":" + std::to_string(route.peer.port) + ":";
    for (std::size_t i = 0; i < route.addresses.size(); ++i) {
        const auto& address = route.addresses[i];
        if (i > 0) line += ",";
        line += address.find(':') == std::string::npos ? address : "[" + address + "]";
    }
    append(list, line);
    return list;
}

// Where an empty one would let libcurl look for one in the environment, it is switched off.
void set_proxy(CURL* curl, const HttpRequest& request, const Route& route) {
    std::string proxy;
    if (!request.proxy.empty()) {
        const bool is_ipv6 = route.peer.host.find(':') != std::string::npos;
        const auto host = is_ipv6 ? "[" + route.peer.host + "]" : route.peer.host;
        // Libcurl's own default is another port than the one that was judged.
        proxy = route.peer.scheme + "://" + host + ":" + std::to_string(route.peer.port);
    }
    curl_easy_setopt(curl, CURLOPT_PROXY, proxy.c_str());
    // NO_PROXY would let the request go past the proxy to an address that nobody judged.
    curl_easy_setopt(curl, CURLOPT_NOPROXY, "");
}

void set_limits(CURL* curl, std::chrono::milliseconds timeout, Exchange& exchange) {
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(timeout.count()));
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS,
                     static_cast<long>(std::min(http_connect_timeout, timeout).count()));
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &exchange);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, &exchange);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "RustBill");
}

HttpFailure failure_of(CURL* curl, CURLcode code, const Exchange& exchange, const Route& route) {
    long sent_bytes = 0;
    curl_easy_getinfo(curl, CURLINFO_REQUEST_SIZE, &sent_bytes);
    const auto why = exchange.too_large ? "the answer is larger than allowed"
                                        : std::string(curl_easy_strerror(code));
    return {.delivery = sent_bytes == 0 ? Delivery::not_sent : Delivery::uncertain,
            .message = route.circuit + ": " + why,
            .is_refusal = false,
            .is_timeout = code == CURLE_OPERATION_TIMEDOUT,
            .is_too_large = exchange.too_large};
}

HttpResult perform(const HttpRequest& request, const Route& route,
                   std::chrono::milliseconds timeout) {
    const CurlHandle curl(curl_easy_init(), curl_easy_cleanup);
    ASSERT(curl != nullptr);
    Exchange exchange;
    exchange.body_bytes_max = request.response_bytes_max == 0
                                  ? http_response_bytes_max
                                  : std::min(request.response_bytes_max, http_response_bytes_max);
    const auto headers = header_lines(request);
    const auto addresses = pinned_addresses(route);
    curl_easy_setopt(curl.get(), CURLOPT_URL, request.url.c_str());
    set_limits(curl.get(), timeout, exchange);
    set_tls(curl.get(), request.tls, exchange);
    set_body(curl.get(), request);
    curl_easy_setopt(curl.get(), CURLOPT_HTTPHEADER, headers.get());
    if (addresses) curl_easy_setopt(curl.get(), CURLOPT_RESOLVE, addresses.get());
    set_proxy(curl.get(), request, route);
    if (!request.unix_socket.empty()) {
        curl_easy_setopt(curl.get(), CURLOPT_UNIX_SOCKET_PATH, request.unix_socket.c_str());
    }
    const auto code = curl_easy_perform(curl.get());
    if (code != CURLE_OK) return failure_of(curl.get(), code, exchange, route);
    long status = 0;
    curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &status);
    exchange.response.status = static_cast<int>(status);
    exchange.response.version = version_of(curl.get());
    return std::move(exchange.response);
}

// A request that its own limit ended says nothing against the peer, which was answering.
bool counts_as_down(const HttpResult& result) {
    if (result.has_error()) return !result.error().is_too_large;
    return result->status == 502 || result->status == 503 || result->status == 504;
}

}  // namespace

CurlHttpClient::CurlHttpClient(core::Log& log) : CurlHttpClient(log, resolve) {}

CurlHttpClient::CurlHttpClient(core::Log& log, Resolver resolver)
    : resolver_(std::move(resolver)), breaker_(log) {
    initialise_once();
}

HttpResult CurlHttpClient::send(const HttpRequest& request, const HttpPolicy& policy) {
    const auto started = std::chrono::steady_clock::now();
    const auto route = route_request(request, policy, resolver_);
    if (route.has_error()) return route.error();
    if (!breaker_.admit(route->circuit)) {
        return HttpFailure{.message = route->circuit + ": not tried, it failed repeatedly of late"};
    }
    const auto elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::steady_clock::now() - started);
    const auto timeout = std::min(request.timeout, http_timeout_max) - elapsed;
    if (timeout.count() <= 0) {
        breaker_.abandoned(route->circuit);
        return HttpFailure{.message = route->circuit + ": no time left", .is_timeout = true};
    }
    auto result = perform(request, *route, timeout);
    if (counts_as_down(result)) {
        breaker_.failed(route->circuit);
    } else {
        breaker_.succeeded(route->circuit);
    }
    return result;
}

}  // namespace rb::plugin
