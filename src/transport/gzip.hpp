// gzip and zlib streams for messages and bodies (RFC 1952, RFC 1950).

#pragma once

#include "base/result.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace rb::transport {

// Inflates gzip or zlib data.
//
// ERRORS: too_large         the result would be longer than bytes_max; at most that much is made,
//                           so a small bomb stays small
//         invalid_argument  the data is neither, is damaged, or ends early
Result<std::string> gunzip(std::string_view bytes, std::size_t bytes_max);

std::string gzip(std::string_view bytes);

// Whether a list like "gzip;q=0.8, identity" accepts gzip.
bool accepts_gzip(std::string_view accept_encoding);

}  // namespace rb::transport
