// Every bound the transport holds its peers to, with the reason for the number.
//
// A peer past a bound gets the error named here; nobody else notices. Bounds an operator or a test
// may want to move are the defaults of ServerOptions (server.hpp); the rest are fixed.

#pragma once

#include <chrono>
#include <cstddef>

namespace rb::transport::limits {

using namespace std::chrono_literals;

// --- one request --------------------------------------------------------------------------------

// One message, before and after decompression; gRPC's own default, and far above the largest
// message of the wire contract (a page of rows). Past it: RESOURCE_EXHAUSTED.
inline constexpr std::size_t message_bytes_max = 4UL * 1024 * 1024;
// The same for a method the I/O thread answers by itself (health, reflection): such a call asks
// with a name, and while more is unpacked and read, everyone else on that thread waits.
inline constexpr std::size_t inline_message_bytes_max = 16UL * 1024;
// The body of a plain HTTP request: gateways' callbacks are a few kilobytes. Past it: 413.
inline constexpr std::size_t http_body_bytes_max = 1UL * 1024 * 1024;
// All header names and values of one request, plus 32 per field (RFC 9113, 6.5.2). A JWT and a
// browser's cookies fit several times. Past it: 431.
inline constexpr std::size_t header_list_bytes_max = 16UL * 1024;
// Fields in one request: bounds the time of every look-up by name. Past it: 431.
inline constexpr std::size_t header_fields_max = 100;
// A call may not hold its worker for longer, whatever its grpc-timeout says; the longest handler
// waits for one plugin call. A grpc-timeout above is lowered to it.
inline constexpr auto call_deadline_max = 10min;

// grpc-message as it is encoded: it stands in the head of a refusal, for all of which nginx takes
// 4 KiB and gRPC's own clients 8, and a head above 64 KiB is not sent at all. Longer ones are cut.
inline constexpr std::size_t status_message_bytes_max = 2048;

// --- one stream of messages ---------------------------------------------------------------------

// What a streaming handler may write ahead of a slow reader before write() blocks.
inline constexpr std::size_t stream_unsent_bytes_max = 256UL * 1024;
// A stream whose peer sends nothing holds a worker; after this long its read() gives up.
inline constexpr auto stream_read_idle_max = 60s;

// --- one connection -----------------------------------------------------------------------------

// Requests one connection may have open at once (SETTINGS_MAX_CONCURRENT_STREAMS); a browser or a
// proxy uses a few dozen. Past it: the stream is refused and may be retried, or the connection ends
// when the peer had been told.
inline constexpr std::size_t concurrent_streams_max = 128;
// What a peer may send on a stream before it is read (SETTINGS_INITIAL_WINDOW_SIZE): one round
// trip's worth on a fast line.
inline constexpr std::size_t stream_window_bytes = 256UL * 1024;
// The same for the whole connection.
inline constexpr std::size_t connection_window_bytes = 1024UL * 1024;
// Unfinished request bodies of one connection, together. Past it: RESOURCE_EXHAUSTED or 413 for
// the request that would cross it.
inline constexpr std::size_t connection_body_bytes_max = 16UL * 1024 * 1024;
// Bytes waiting in our buffer for the socket to take; past it we stop producing frames.
inline constexpr std::size_t connection_output_bytes_max = 256UL * 1024;
// Bytes taken from the socket at once.
inline constexpr std::size_t read_buffer_bytes = 64UL * 1024;

// Frames that cost us work and the peer nothing, per second and connection, each with a burst of
// the same size. A proxy in front multiplexes many users over few connections, so resets are
// generous; nothing honest sends more of the others. Past one: GOAWAY(ENHANCE_YOUR_CALM).
inline constexpr double resets_per_second_max = 200;
inline constexpr double pings_per_second_max = 20;
inline constexpr double settings_per_second_max = 10;
inline constexpr double empty_data_per_second_max = 200;
inline constexpr double priorities_per_second_max = 200;
// One update per DATA frame we send is honest, so this one is only a ceiling.
inline constexpr double window_updates_per_second_max = 200'000;
// Acknowledgements we owe but cannot send because the peer does not read.
inline constexpr std::size_t unsent_acks_max = 100;
// CONTINUATION frames of one header block: header_list_bytes_max fits in one frame.
inline constexpr std::size_t continuations_max = 4;
// Entries of one SETTINGS frame.
inline constexpr std::size_t settings_entries_max = 32;

// --- the whole server ---------------------------------------------------------------------------

// Open connections. Past it: accepted and closed at once, so that the peer learns quickly.
inline constexpr std::size_t connections_max = 10'000;
// Descriptors left to the rest of the process (the database, plugins' calls): where it may have too
// few, connections_max is lowered, for strangers' idle connections must not take the last of them.
// Half of what there is, when that is less.
inline constexpr std::size_t descriptors_reserved = 512;
// Unfinished request bodies of all connections, together.
inline constexpr std::size_t body_bytes_max = 128UL * 1024 * 1024;
// Calls waiting for a worker. At 30 workers and 10 ms a call this is a third of a second of
// waiting; longer than that, an answer comes too late to be wanted. Past it: UNAVAILABLE or 503.
inline constexpr std::size_t queued_calls_max = 1000;
// Calls on workers at once, unless server.max_concurrency says otherwise (operations manual 2.1).
inline constexpr std::size_t concurrency_default = 30;

// --- time (defaults of Timeouts) ----------------------------------------------------------------

// From accept to the first byte, and from the first byte of a request head to its last.
inline constexpr auto head_timeout = 10s;
// A body that makes no progress for this long.
inline constexpr auto body_idle_timeout = 30s;
// Output that the peer does not take for this long.
inline constexpr auto write_idle_timeout = 30s;
// A kept-alive HTTP/1.1 connection between requests; above the 60 s of common proxies.
inline constexpr auto http1_idle_timeout = 75s;
// An HTTP/2 connection that is silent this long is pinged, and closed when the answer is late.
inline constexpr auto ping_interval = 60s;
inline constexpr auto ping_timeout = 20s;
// An HTTP/2 connection without a request for this long is asked to go away.
inline constexpr auto http2_idle_timeout = 15min;

// After the last answer, what the peer still sends is read and thrown away for so long and so much:
// closing on unread input would send a RST, which can destroy the answer on its way. The rest of a
// body that was refused for its size is read to its end by the same measure, since a peer that is
// still sending mostly does not listen.
inline constexpr auto linger_timeout = 2s;
inline constexpr std::size_t linger_bytes_max = 16UL * 1024 * 1024;

// --- compression --------------------------------------------------------------------------------

// Shorter answers are sent plain: gzip's own frame and the time cost more than is saved.
inline constexpr std::size_t compress_bytes_min = 1024;

static_assert(message_bytes_max <= connection_body_bytes_max);
static_assert(inline_message_bytes_max <= message_bytes_max);
static_assert(http_body_bytes_max <= connection_body_bytes_max);
static_assert(connection_body_bytes_max <= body_bytes_max);
static_assert(stream_window_bytes <= connection_window_bytes);
static_assert(header_list_bytes_max <= 64UL * 1024, "nghttp2 refuses header blocks above 64 KiB");

}  // namespace rb::transport::limits
