// The bounds of the server layer, with the reason for each.

#pragma once

#include <chrono>
#include <cstddef>

namespace rb::server::limits {

using namespace std::chrono_literals;

// Proxies in a row that anybody runs, several times over; what a stranger sends beyond is not read.
inline constexpr std::size_t forwarded_entries_max = 32;

// An idempotency-key: a UUID fits twice; longer ones are no keys but payloads. Past it:
// INVALID_ARGUMENT.
inline constexpr std::size_t idempotency_key_bytes_max = 128;

// What is kept of User-Agent: enough to recognise a browser.
inline constexpr std::size_t user_agent_bytes_max = 256;

// A QR code holds 2953 bytes; a payment address is far shorter, and a code of this size still fits
// a telephone's camera. Past it there is no code, only the address.
inline constexpr std::size_t qr_text_bytes_max = 1024;

// --- workers ------------------------------------------------------------------------------------

// How often a process says that it lives (operations manual 7.3), and after how long a silent one
// is struck off: three times missed and a little.
inline constexpr auto heartbeat_interval = 10s;
inline constexpr auto heartbeat_silence_max = 35s;

// A role is held for so long unless renewed, and renewed so often: a leader that was killed is
// replaced within the first, one that had two bad moments keeps the role.
inline constexpr auto lease_duration = 60s;
inline constexpr auto lease_renewal_interval = 20s;
static_assert(lease_renewal_interval * 2 < lease_duration);

// Events one worker takes at a time. They are done one after the other, so a larger batch would
// keep work from idle workers beside it.
inline constexpr int events_per_batch = 4;
// How often the outbox is looked at without being woken: finds retries that have come due.
inline constexpr auto event_poll_interval = 1s;
// After an announcement a server makes no other for so long, and the listener hears none: the first
// of a burst wakes the workers at once, and a thousand payments a second are not told of, nor make
// them look, a thousand times.
inline constexpr auto event_wake_interval = 25ms;
// How long the listener and the announcer wait before they look whether they shall stop.
inline constexpr auto listen_interval = 500ms;

inline constexpr auto reconcile_interval = 5s;
// How often each provider is asked for all it holds, and how soon a server that does not lead looks
// whether it does now. An orphan is told of at the second sweep that finds it.
inline constexpr auto orphan_sweep_interval = 30min;
inline constexpr auto orphan_sweep_leader_check = 1min;
// How often rows past their retention are looked for, how long a batch that was full is followed by
// none, so that others have the disk, and how soon a server that does not lead looks (in memory)
// whether it does now.
inline constexpr auto housekeeping_interval = 1h;
inline constexpr auto housekeeping_batch_pause = 1s;
inline constexpr auto housekeeping_leader_check = 1s;
inline constexpr auto payment_poll_interval = 5s;
inline constexpr int payments_per_poll = 50;
inline constexpr auto order_timeout_interval = 30s;
inline constexpr int orders_per_timeout = 100;
// A server that dies while it ends orders keeps the others from it for so long, with Redis; it may
// not be shorter than a hundred questions to a slow gateway usually take.
inline constexpr auto order_timeout_lock = 5min;
inline constexpr auto billing_interval = 60s;
inline constexpr auto pool_prune_interval = 30s;
// A server that ends hands over its last counts, and waits for the collector no longer than this.
inline constexpr auto last_export_max = 2s;

}  // namespace rb::server::limits
