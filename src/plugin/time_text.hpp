// Times as text, without a locale or a time zone database. Thread-safe.

#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace rb::plugin {

// `pattern` knows %Y %m %d %H %M %S and %%; the time is shown `offset_minutes` east of UTC.
// ERRORS: invalid_argument  another letter after '%', a year outside of 0 to 9999, or an offset
//                           beyond a day
Result<std::string> format_time(std::int64_t unix_seconds, std::string_view pattern,
                                std::int64_t offset_minutes);

// RFC 3339, 5.6; fractions of a second are dropped. ERRORS: invalid_argument
Result<std::int64_t> parse_rfc3339(std::string_view text);

}  // namespace rb::plugin
