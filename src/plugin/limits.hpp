// Every limit of the plugin layer, with its reason.

#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace rb::plugin {

// ── Scripts ─────────────────────────────────────────────────────────────────────────────────────

// A plugin's call translates a few messages: two million steps are a hundred times what the longest
// of the shipped ones needs, and pass in well under a second.
inline constexpr std::int64_t script_instructions_max = 2'000'000;
// A listing of a thousand servers fits many times over; thirty calls at once stay within a GiB.
inline constexpr std::size_t script_memory_bytes_max = 32U << 20;
// The longest a worker or a request waits for one call. Work that takes longer answers "accepted".
inline constexpr std::chrono::milliseconds script_deadline{60'000};
// Reading the manifest happens while an operator waits and reaches nothing outside.
inline constexpr std::chrono::milliseconds manifest_deadline{2'000};
// Calls of one interface at once: below the default of [server].max_concurrency, so that one slow
// provider cannot take all workers.
inline constexpr int concurrent_calls_max = 10;
// A script longer than this is not a plugin.
inline constexpr std::size_t script_source_bytes_max = 512U << 10;
// One line a script logs; longer ones are cut.
inline constexpr std::size_t log_line_bytes_max = 2'000;
// An error a script ends with: it is kept with orders and servers, logged and shown. A script that
// quotes its peer's answer may make one of megabytes.
inline constexpr std::size_t error_text_bytes_max = 4'000;
// A value of a configuration in the operation log.
inline constexpr std::size_t logged_value_bytes_max = 1'000;
// Lines one call may log.
inline constexpr int log_lines_max = 100;

// ── Configuration ───────────────────────────────────────────────────────────────────────────────

// Certificates and a private key fit; a disk image does not.
inline constexpr std::size_t config_bytes_max = 128U << 10;
// Objects inside each other in a configuration schema.
inline constexpr int schema_depth_max = 8;
// Values inside each other in a configuration: what a schema can describe, and some to be told why.
inline constexpr int config_depth_max = 32;

// The name administrators give an interface: a line of a list.
inline constexpr std::size_t interface_name_chars_max = 200;
// Shorter ones are words that stand in any text; blanking them would garble it and say what they
// are.
inline constexpr std::size_t redacted_secret_bytes_min = 4;

// ── HTTP ────────────────────────────────────────────────────────────────────────────────────────

inline constexpr std::size_t http_request_bytes_max = 4U << 20;
// A page of a listing; more is a peer that has lost its mind.
inline constexpr std::size_t http_response_bytes_max = 8U << 20;
inline constexpr std::size_t http_header_bytes_max = 64U << 10;
// Header lines of a request or an answer; they are looked through one by one.
inline constexpr std::size_t http_headers_max = 500;
inline constexpr std::size_t http_url_bytes_max = 8'192;
inline constexpr std::chrono::milliseconds http_timeout_default{30'000};
inline constexpr std::chrono::milliseconds http_timeout_max{60'000};
inline constexpr std::chrono::milliseconds http_connect_timeout{10'000};
// A gRPC status carries a sentence; what is longer is cut before it is kept or logged.
inline constexpr std::size_t grpc_message_bytes_max = 500;
inline constexpr std::chrono::milliseconds grpc_timeout_default{20'000};
// A page of a listing in binary form. Two bytes of it may stand for a whole message, whose JSON is
// hundreds: what was read may take no more than so much memory.
inline constexpr std::size_t grpc_response_bytes_max = 2U << 20;
inline constexpr std::size_t grpc_message_space_max = 8U << 20;
// Requests one call of a script may make: bounds what a loop can do to a peer.
inline constexpr int http_requests_per_call_max = 50;

// ── Circuit breaker, per host ───────────────────────────────────────────────────────────────────

// Failures in a row until calls stop going out.
inline constexpr int breaker_failures_max = 5;
// How long they stay in; then one probe may try.
inline constexpr std::chrono::milliseconds breaker_open_for{30'000};
// Hosts remembered; the least recently used closed one is forgotten first.
inline constexpr std::size_t breaker_hosts_max = 1'000;

// ── libvirt ─────────────────────────────────────────────────────────────────────────────────────

// One call to a hypervisor; leaves the script time to answer before its own deadline.
inline constexpr std::chrono::milliseconds libvirt_call_timeout_max{30'000};
// Calls to one URI that run or have not come back. A call libvirt holds cannot be ended from here,
// only left behind: this bounds the threads a hung libvirtd can cost.
inline constexpr int libvirt_calls_per_uri_max = 20;
// Calls one call of a script may make.
inline constexpr int libvirt_calls_per_script_call_max = 50;
// Connections kept for the next call, per URI.
inline constexpr std::size_t libvirt_idle_connections_max = 2;
// A libvirtd that is silent this long, this many times, is given up: its calls end with an error.
inline constexpr int libvirt_keepalive_secs = 5;
inline constexpr unsigned libvirt_keepalive_count = 3;
// How long a guest may be asked to shut down before it is switched off.
inline constexpr std::chrono::seconds libvirt_grace_max{20};
// Domains of one page, volumes of one pool, snapshots of one domain.
inline constexpr std::size_t libvirt_page_max = 100;
inline constexpr std::size_t libvirt_volumes_max = 1'000;
inline constexpr std::size_t libvirt_snapshots_max = 100;
// A URI; a name of a domain, a volume, a pool, a network or a snapshot; a value in the metadata.
inline constexpr std::size_t libvirt_uri_bytes_max = 1'024;
inline constexpr std::size_t libvirt_name_bytes_max = 100;
inline constexpr std::size_t libvirt_text_bytes_max = 4'096;
inline constexpr std::size_t libvirt_metadata_entries_max = 50;
// RFC 6143, 7.2.2: the password is a key of eight bytes; QEMU takes no longer one.
inline constexpr std::size_t vnc_password_bytes_max = 8;
// What one server may be.
inline constexpr std::int64_t libvirt_vcpus_max = 1'024;
inline constexpr std::int64_t libvirt_memory_mb_max = 16'777'216;
inline constexpr std::int64_t libvirt_volume_bytes_max = std::int64_t{1} << 50;
inline constexpr std::int64_t libvirt_bandwidth_mbps_max = 1'000'000;
// All files of a cloud-init seed: user data is a page of settings, not a payload.
inline constexpr std::size_t seed_files_bytes_max = 1U << 20;

// ── Everything else ─────────────────────────────────────────────────────────────────────────────

// Bytes of randomness one call of host::crypto::random_bytes gives.
inline constexpr std::size_t random_bytes_max = 1'024;
// Elements inside each other in an XML document, and its size.
inline constexpr int xml_depth_max = 64;
inline constexpr std::size_t xml_bytes_max = 4U << 20;
// Its tags: four bytes can make an element, which takes half a kilobyte once it is read.
inline constexpr std::size_t xml_tags_max = 100'000;
// Attributes of one element, each of which is compared with all others.
inline constexpr std::size_t xml_attributes_max = 100;
// Fields of a form: an order has tens.
inline constexpr std::size_t form_fields_max = 1'000;
// An RSA key of 8192 bits fits. What a larger number costs grows with its third power, and a key of
// another kind is reckoned with while it is read.
inline constexpr std::size_t private_key_bytes_max = 8U << 10;
// A certificate may name many hosts.
inline constexpr std::size_t public_key_bytes_max = 64U << 10;
inline constexpr int rsa_bits_max = 8'192;
// A mail with both of its forms.
inline constexpr std::size_t mail_bytes_max = 1U << 20;
inline constexpr std::size_t mail_recipients_max = 10;

// ── Workers ─────────────────────────────────────────────────────────────────────────────────────

// Manual 13.
inline constexpr std::chrono::minutes scan_interval{5};
inline constexpr std::chrono::seconds health_check_interval{60};
// A health check is a ping, not work.
inline constexpr std::chrono::milliseconds health_deadline{10'000};

static_assert(schema_depth_max < config_depth_max);
static_assert(http_connect_timeout < http_timeout_default);
static_assert(http_timeout_default <= http_timeout_max);
static_assert(http_timeout_max <= script_deadline);
static_assert(grpc_timeout_default <= http_timeout_max);
static_assert(health_deadline < health_check_interval);
static_assert(libvirt_call_timeout_max < script_deadline);
static_assert(libvirt_grace_max < libvirt_call_timeout_max);
static_assert(libvirt_calls_per_uri_max >= concurrent_calls_max);
static_assert(script_memory_bytes_max > http_response_bytes_max * 2);

}  // namespace rb::plugin
