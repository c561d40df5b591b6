// The bounds that every use case shares, each with its reason.

#pragma once

#include <cstdint>

namespace rb::core {

// A transaction that lost a deadlock or a serialization race is run again, this often in all.
inline constexpr int transaction_attempts_max = 5;

}  // namespace rb::core
