// Times as on the wire: RFC 3339 in UTC, to the second.

#pragma once

#include "core/ports/clock.hpp"

#include <string>

namespace rb::cli {

std::string rfc3339(core::Timestamp time);

}  // namespace rb::cli
