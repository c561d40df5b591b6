// timestamptz as text: "2026-11-23 15:11:01.123456+00", as PostgreSQL writes it with
// DateStyle ISO and TimeZone UTC (which every connection sets).

#pragma once

#include "core/ports/clock.hpp"

#include <string>
#include <string_view>

namespace rb::store_pg {

void append_text(core::Timestamp time, std::string& text);
// REQUIRES: `text` came from a connection of ours; anything else is a bug and ends the process.
core::Timestamp timestamp_from_text(std::string_view text);

}  // namespace rb::store_pg
