// Server: one listener that speaks native gRPC, gRPC-Web, Connect and plain HTTP, over HTTP/1.1 and
// cleartext HTTP/2, told apart by the first bytes of a connection and the content-type of a
// request.
//
//     auto server = TRY(Server::create(options, std::move(methods), std::move(routes),
//                                      std::move(layers)));
//     TRY(server->start());
//     ...
//     server->drain(30s);   // GOAWAY, finish what runs, close
//
// A few I/O threads move the bytes and never block; handlers run on max_concurrency workers, first
// come first served (decision 2). TLS is terminated in front (Caddy, nginx).
//
// Thread-safety: every method may be called from any thread but the server's own.

#pragma once

#include "base/result.hpp"

#include "transport/http_routes.hpp"
#include "transport/layer.hpp"
#include "transport/limits.hpp"
#include "transport/method_registry.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace rb::transport {

struct Timeouts {
    std::chrono::milliseconds head = limits::head_timeout;
    std::chrono::milliseconds body_idle = limits::body_idle_timeout;
    std::chrono::milliseconds write_idle = limits::write_idle_timeout;
    std::chrono::milliseconds http1_idle = limits::http1_idle_timeout;
    std::chrono::milliseconds http2_idle = limits::http2_idle_timeout;
    std::chrono::milliseconds ping_interval = limits::ping_interval;
    std::chrono::milliseconds ping_timeout = limits::ping_timeout;
    std::chrono::milliseconds stream_read_idle = limits::stream_read_idle_max;
};

enum class Compression { off, gzip };

struct ServerOptions {
    std::string host = "127.0.0.1";
    // 0 takes a free port; see Server::port().
    std::uint16_t port = 50051;
    // 0 takes one thread per four cores, at least one.
    std::size_t io_threads = 0;
    std::size_t max_concurrency = limits::concurrency_default;
    std::size_t queued_calls_max = limits::queued_calls_max;
    std::size_t message_bytes_max = limits::message_bytes_max;
    std::size_t http_body_bytes_max = limits::http_body_bytes_max;
    // Less when the process may not have so many descriptors (limits::descriptors_reserved).
    std::size_t connections_max = limits::connections_max;
    // Whether answers of limits::compress_bytes_min or more are compressed for callers that accept
    // gzip. Compressed requests are always read.
    Compression compression = Compression::gzip;
    Timeouts timeouts = {};
};

// Totals since start; for logs, metrics and tests.
struct ServerCounters {
    std::uint64_t connections_accepted = 0;
    std::uint64_t connections_open = 0;
    std::uint64_t connections_refused = 0;    // past connections_max
    std::uint64_t connections_timed_out = 0;  // any of Timeouts
    std::uint64_t connections_calmed = 0;     // closed with ENHANCE_YOUR_CALM
    std::uint64_t protocol_errors = 0;        // connections closed for what they sent
    std::uint64_t calls = 0;                  // requests of any protocol
    std::uint64_t calls_refused_queue_full = 0;
    std::uint64_t calls_active = 0;  // begun and not yet answered
    std::uint64_t calls_queued = 0;  // waiting for a worker
    std::uint64_t body_bytes_held = 0;
};

class Server {
public:
    // ERRORS: invalid_argument  an option is out of range; the message names it
    static Result<std::unique_ptr<Server>> create(ServerOptions options, MethodRegistry methods,
                                                  HttpRoutes routes,
                                                  std::vector<std::unique_ptr<Layer>> layers);
    // Ends what still runs as drain(0) does.
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    // Listens and serves. REQUIRES: not started before
    // ERRORS: unavailable  host and port cannot be bound; the message names them and the reason
    Result<> start();

    // The port listened on. REQUIRES: started
    [[nodiscard]] std::uint16_t port() const;

    // Stops accepting, tells every peer to go elsewhere (GOAWAY, Connection: close), and waits
    // until the calls in flight are answered, at most `patience`; then ends the rest with
    // UNAVAILABLE and closes. True when nothing had to be ended. The second call waits for the
    // first.
    bool drain(std::chrono::milliseconds patience);

    [[nodiscard]] ServerCounters counters() const;

private:
    class Impl;
    explicit Server(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace rb::transport
