// Limits of the coordination between servers, with their reasons.

#pragma once

#include <chrono>

namespace rb::coordination {

// Redis answers in a millisecond or is of no use: a request must not wait for it.
inline constexpr std::chrono::milliseconds redis_timeout{250};
// After a failure nobody tries again for this long, so that a dead Redis costs one request in a
// second its time, not each.
inline constexpr std::chrono::milliseconds redis_retry_interval{1'000};
// Of [redis].max_connections.
inline constexpr int redis_connections_max = 1'000;
// A reply of ours is a few hundred bytes; nesting deeper than this is none of ours.
inline constexpr int redis_nesting_max = 8;

}  // namespace rb::coordination
