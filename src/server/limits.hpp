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

// /ready may not wait longer for a connection than a load balancer waits for /ready.
inline constexpr auto ready_timeout = 2s;

}  // namespace rb::server::limits
