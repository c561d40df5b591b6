// HttpClient over libcurl.
//
// Every request: checked against its policy, its host resolved once and the connection pinned to
// the judged addresses, TLS verified (or the pinned certificate compared), redirects off, sizes and
// times bounded, and counted by the circuit breaker of its host. No connection outlives its
// request: a kept one could be reused by a plugin that may not open it.
//
// An answer of 502, 503 or 504, and no answer at all, are failures for the breaker; an answer
// larger than the request allows is none. Thread-safe.

#pragma once

#include "core/ports/log.hpp"

#include "plugin/http/circuit_breaker.hpp"
#include "plugin/http/http_client.hpp"

#include <functional>
#include <string>
#include <vector>

namespace rb::plugin {

class CurlHttpClient final : public HttpClient {
public:
    // How a host name becomes addresses; a test's twin answers what it likes.
    using Resolver = std::function<std::vector<std::string>(const std::string& host)>;

    // `log` must outlive the client.
    explicit CurlHttpClient(core::Log& log);
    CurlHttpClient(core::Log& log, Resolver resolver);

    HttpResult send(const HttpRequest& request, const HttpPolicy& policy) override;

    [[nodiscard]] CircuitBreaker& breaker() { return breaker_; }

private:
    Resolver resolver_;
    CircuitBreaker breaker_;
};

}  // namespace rb::plugin
