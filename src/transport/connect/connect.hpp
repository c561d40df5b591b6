// The Connect protocol's unary form (connectrpc.com/docs/protocol, "Unary RPCs").
//
//     POST /rustbill.order.OrderService/GetOrder
//     Content-Type: application/json | application/proto
//     Connect-Timeout-Ms: 5000                       optional
//
//     200, Content-Type as asked, the message; trailing metadata as "trailer-" headers
//     404, application/json, {"code":"not_found","message":"order not found","reason":"not_found"}
//
// The body is the bare message, without a prefix. "reason" is ours: the stable word of errors.def.

#pragma once

#include "base/result.hpp"

#include "transport/call_context.hpp"

#include <google/protobuf/descriptor.h>

#include <chrono>
#include <string>
#include <string_view>

namespace rb::transport::connect {

// ERRORS: invalid_argument  not 1 to 10 digits
Result<std::chrono::milliseconds> parse_timeout(std::string_view text);

// "not_found", "unauthenticated": the protocol's word for a status. REQUIRES: status is not ok
std::string_view code_of(GrpcStatus status);

std::string error_json(const Error& error, const CallContext& call);

// Proto3 JSON to message bytes; an unknown field is refused by name, for a misspelt one would
// otherwise be ignored silently. An empty body stands for {}.
// ERRORS: invalid_argument  not JSON of that message
Result<std::string> message_from_json(std::string_view json,
                                      const google::protobuf::Descriptor& type);
// ERRORS: internal  the bytes are not a message of the type
Result<std::string> json_from_message(std::string_view bytes,
                                      const google::protobuf::Descriptor& type);

// `text` as a JSON string with its quotes.
std::string json_string(std::string_view text);

}  // namespace rb::transport::connect
