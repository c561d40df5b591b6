// Points in time as digits, for the layers that each write them in a form of their own.
//
//     std::string text;
//     append_date_time(time, 'T', text);    // 2026-11-23T15:11:02
//     append_micros(time, text);            // 2026-11-23T15:11:02.000123
//
// UTC, in the Gregorian calendar also before its time. Printf does the same at ten times the cost,
// and a paid order writes twenty of them.

#pragma once

#include <chrono>
#include <string>

namespace rb {

using UtcTime = std::chrono::sys_time<std::chrono::microseconds>;

// The date, `between`, and the time to the second, rounded down. A year has four digits, or more
// from 10000 on.
void append_date_time(UtcTime time, char between, std::string& text);

// The point and the six digits after the second.
void append_micros(UtcTime time, std::string& text);

}  // namespace rb
