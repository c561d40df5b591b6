// Calls of our own wire contract over gRPC-Web, binary, with messages as JSON: how one RustBill
// speaks to another.
//
//   request   POST <base>/<package>.<Service>/<Method>, application/grpc-web+proto,
//             flag byte 0x00 | 4-byte big-endian length | message
//   answer    data frames (flag 0x00), then one trailer frame (flag 0x80) of header lines; a failed
//             call may carry grpc-status in its headers instead ("trailers-only")
//
// Methods and messages come from the descriptors compiled into this program; what they do not know
// does not exist. Field names stay as in the .proto; int64 values are texts, as in proto3 JSON.
// Stateless; thread-safe.

#pragma once

#include "base/result.hpp"

#include "plugin/http/http_client.hpp"
#include "plugin/json.hpp"

#include <boost/system/result.hpp>

#include <string>
#include <string_view>

namespace rb::plugin {

struct GrpcWebFailure {
    // gRPC status; -1 when no answer of gRPC came.
    int status = -1;
    Delivery delivery = Delivery::not_sent;
    std::string message = {};
    bool is_refusal = false;
};

// ERRORS: invalid_argument  no such method ("rustbill.order.OrderService/GetOrder"), or the message
//                           has a field its type does not
Result<std::string> encode_grpc_request(std::string_view method, const Json& message);

// What an HTTP answer says: the message, or the failure.
boost::system::result<Json, GrpcWebFailure> decode_grpc_answer(std::string_view method,
                                                               const HttpResponse& response);

}  // namespace rb::plugin
