// How a call's end looks on the wire: grpc-status, grpc-message, rb-reason.
//
//     grpc-status: 9
//     grpc-message: order is not pending %E4%BD%99      bytes outside ' '..'~', and '%', as %XX
//     rb-reason: order.not_payable                      the stable word of base/errors.def
//
// A message longer than limits::status_message_bytes_max is cut, and ends in "...".
//
// What is unexpected leaves as "internal error" with the request id and nothing else: `detail`, and
// the message of an internal error, are for the log.

#pragma once

#include "base/error.hpp"

#include "transport/call_context.hpp"

#include <string>
#include <string_view>

namespace rb::transport::grpc {

std::string percent_encode(std::string_view message);

// What a caller may be told.
std::string public_message(const Error& error, const CallContext& call);

// Appends the three fields for an error.
void append_status(const Error& error, const CallContext& call, HeaderFields& fields);

}  // namespace rb::transport::grpc
