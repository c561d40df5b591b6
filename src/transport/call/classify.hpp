// What a request is, from its head: which protocol, which method or route, or why it is refused.
//
//     content-type                          HTTP      is
//     application/grpc[+proto]              2         a gRPC call
//     application/grpc-web[+proto]          1.1, 2    a gRPC-Web call
//     application/grpc-web-text[+proto]     1.1, 2    a gRPC-Web call in base64
//     application/json, application/proto   1.1, 2    a Connect call, when the path names a method
//     anything else                         1.1, 2    plain HTTP

#pragma once

#include "transport/call/environment.hpp"
#include "transport/http/session.hpp"

#include <optional>
#include <string_view>

namespace rb::transport {

struct Refusal {
    Error error;
    // For the protocols whose answer has a meaningful HTTP status; 0: by the error's code.
    int http_status = 0;
};

struct Classification {
    Protocol protocol = Protocol::http;
    const Method* method = nullptr;    // RPC
    const HttpRoute* route = nullptr;  // plain HTTP; nullptr when no route has the path
    std::optional<Refusal> refusal = {};
};

Classification classify(const http::RequestHead& head, const MethodRegistry& methods,
                        const HttpRoutes& routes);

// The call's own time limit from grpc-timeout or connect-timeout-ms.
// ERRORS: invalid_argument  it is malformed
Result<std::optional<std::chrono::nanoseconds>> timeout_of(const HeaderFields& fields,
                                                           Protocol protocol);

}  // namespace rb::transport
