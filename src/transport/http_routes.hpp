// HttpRoutes: what the port answers besides RPC: /health, /ready, callbacks, /admin.
//
// A route is exact ("/health") or a prefix that ends in "/" ("/callbacks/"); the longest prefix
// wins, an exact route wins over prefixes. GET routes answer HEAD too. A path that is known under
// other methods answers 405 with Allow; an unknown one 404.

#pragma once

#include "base/result.hpp"

#include "transport/layer.hpp"
#include "transport/method_registry.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace rb::transport {

// Body, headers, path and query are in the CallContext. An Error becomes the HTTP status of its
// code with a JSON body {"code","reason","message"}.
using HttpHandler = std::function<Result<Response>(CallContext&)>;

struct HttpRoute {
    std::string http_method;
    std::string path;
    Execution execution = Execution::worker;
    HttpHandler handler;
};

class HttpRoutes {
public:
    // REQUIRES: path starts with "/"; no route with the same method and path was added
    void add(std::string http_method, std::string path, HttpHandler handler,
             Execution execution = Execution::worker);

    [[nodiscard]] const HttpRoute* find(std::string_view http_method, std::string_view path) const;
    // The Allow header for a path: "GET, HEAD, OPTIONS"; empty when no route has the path.
    [[nodiscard]] std::string allowed_methods(std::string_view path) const;

private:
    std::vector<HttpRoute> routes_;
};

// The HTTP status for an error, for plain HTTP and Connect alike.
int http_status_of(GrpcStatus status);

}  // namespace rb::transport
