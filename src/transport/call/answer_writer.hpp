// How an outcome becomes an answer, in each protocol.
//
//                   succeeded                                      failed before any message
//     gRPC          200, data, trailers grpc-status: 0             200, grpc-status in the headers
//     gRPC-Web      200, data frame, 0x80 trailer frame            200, grpc-status in the headers
//     Connect       200, the bare message                          its status, {"code", ...}
//     HTTP          the response's status and body                 its status, {"code", ...}
//
// A stream that fails after its first message says so in its trailers (gRPC) or its trailer frame
// (gRPC-Web).

#pragma once

#include "transport/call_context.hpp"
#include "transport/layer.hpp"
#include "transport/server.hpp"

#include <string>
#include <string_view>

namespace rb::transport {

struct WrittenAnswer {
    int status = 200;
    HeaderFields fields;
    bool with_length = true;
    std::string body;
    std::string_view static_body;
    HeaderFields trailers;  // native gRPC only
};

// A whole answer. `failure_status` replaces the HTTP status of an error's code where the protocol
// has one; 0 leaves it.
WrittenAnswer write_answer(const CallContext& call, Result<Response> outcome,
                           Compression compression, int failure_status = 0);

// The pieces of a stream; gRPC and gRPC-Web only.
HeaderFields write_stream_head(const CallContext& call, Compression compression);
std::string write_stream_message(const CallContext& call, std::string_view message,
                                 Compression compression);
struct StreamEnd {
    std::string body;       // gRPC-Web: the trailer frame
    HeaderFields trailers;  // gRPC
};
StreamEnd write_stream_end(const CallContext& call, const Result<>& outcome);

}  // namespace rb::transport
