// grpc-timeout: 1 to 8 digits and a unit, H M S m u n (gRPC over HTTP2, "Timeout").

#pragma once

#include "base/result.hpp"

#include <chrono>
#include <string_view>

namespace rb::transport::grpc {

// ERRORS: invalid_argument  not of that form
Result<std::chrono::nanoseconds> parse_timeout(std::string_view text);

}  // namespace rb::transport::grpc
