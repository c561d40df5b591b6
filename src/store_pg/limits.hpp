// The bounds of the PostgreSQL layer, each with its reason.

#pragma once

#include <chrono>
#include <cstddef>

namespace rb::store_pg {

// One statement may run this long before the server cancels it: the slowest of ours is a listing.
inline constexpr std::chrono::milliseconds statement_timeout{15'000};
// Waiting for a row somebody else holds. Longer than any of our transactions, shorter than a
// caller's patience.
inline constexpr std::chrono::milliseconds lock_timeout{5'000};
// A transaction whose client went silent frees its locks after this.
inline constexpr std::chrono::milliseconds idle_in_transaction_timeout{30'000};
static_assert(lock_timeout < statement_timeout);

inline constexpr std::chrono::seconds connect_timeout{5};
// How long unacknowledged bytes may wait before the kernel calls the peer dead.
inline constexpr std::chrono::milliseconds tcp_user_timeout{20'000};

// A connection that answered this recently is not asked SELECT 1 again: its socket is only looked
// at for an end of file, which costs no round trip.
inline constexpr std::chrono::milliseconds trusted_idle{1'000};

// Statements sent in one round trip; more would let both sides' buffers fill.
inline constexpr std::size_t pipeline_commands_max = 256;

// What a pool may be configured to; PostgreSQL itself rarely allows more.
inline constexpr int pool_connections_max = 1'000;

// The migration runner waits this long for another server that is migrating.
inline constexpr std::chrono::seconds migration_lock_timeout{120};

}  // namespace rb::store_pg
