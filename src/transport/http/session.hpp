// Session: one HTTP connection without its socket. HTTP/1.1 and HTTP/2 look the same from above.
//
//     bytes ──receive()──▶ Session ──▶ SessionHost::on_request ──▶ StreamHandler (body, end, abort)
//     bytes ◀──produce()── Session ◀── respond() / begin(), write(), end() / reset()
//
// A session owns parsing, flow control and flood limits; it knows no socket, thread or clock: the
// time is handed in. All calls, both ways, on the connection's I/O thread. A handler may answer
// from within its callbacks.

#pragma once

#include "transport/call_context.hpp"
#include "transport/header_fields.hpp"
#include "transport/limits.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace rb::transport::http {

// Names a request of a session; never used twice.
using StreamId = std::uint32_t;

enum class Version { http1, http2 };

struct RequestHead {
    Version version = Version::http1;
    std::string method;
    std::string path;
    std::string query;
    HeaderFields fields;
    // The head broke header_list_bytes_max or header_fields_max; the rest of it is missing. To be
    // answered with 431.
    bool too_large = false;
};

enum class AbortReason {
    reset_by_peer,    // RST_STREAM, or the peer broke the protocol on this stream
    connection_lost,  // closed, timed out, or broke the protocol
};

// The receiving side of one request, and the giver of its answer.
class StreamHandler {
public:
    virtual ~StreamHandler() = default;
    enum class Credit { now, later };
    // The first call. The request may be answered here, before its body has come.
    virtual void on_open() = 0;
    // Part of the body. `later`: the handler calls Session::consumed() when it has dealt with it,
    // and the peer may not send more than the window until then.
    virtual Credit on_body(std::string_view bytes) = 0;
    // The body is complete. Not called after an abort.
    virtual void on_body_end() = 0;
    // The stream is gone; nothing may be sent on it. The last call.
    virtual void on_abort(AbortReason reason) = 0;
    // `unsent` bytes given to write() have not left yet. Called as it shrinks.
    virtual void on_sent(std::size_t unsent) = 0;
    // The connection begins to drain, or was draining when the request came. A stream that would
    // last as long as its peer likes ends itself now; whatever ends by itself goes on.
    virtual void on_drain() {}
    // The answer has been handed out completely, to the last byte. The last call.
    virtual void on_complete() = 0;
};

class SessionHost {
public:
    virtual ~SessionHost() = default;
    // A request's head is here. Never returns nullptr; the session keeps the handler until
    // on_abort() or on_complete().
    virtual std::shared_ptr<StreamHandler> on_request(StreamId id, RequestHead head) = 0;
};

// A whole answer. Views must live until respond() returns.
struct Answer {
    int status = 200;
    const HeaderFields* fields = nullptr;  // never nullptr
    // Native gRPC answers carry no content-length; everything else whole does.
    bool with_length = true;
    std::string body = {};
    // Sent instead of body when not empty; must live as long as the session.
    std::string_view static_body = {};
    // HTTP/2 only; an HTTP/1.1 session drops them (no protocol we speak over it has any).
    const HeaderFields* trailers = nullptr;
};

// Why a session ended by itself.
enum class SessionEnd {
    open,       // it did not
    done,       // both sides are finished
    protocol,   // the peer broke the protocol
    calm,       // the peer went past a flood limit
    timed_out,  // a timeout of Timeouts
};

struct SessionLimits {
    std::chrono::milliseconds head_timeout = limits::head_timeout;
    std::chrono::milliseconds body_idle_timeout = limits::body_idle_timeout;
    std::chrono::milliseconds write_idle_timeout = limits::write_idle_timeout;
    std::chrono::milliseconds http1_idle_timeout = limits::http1_idle_timeout;
    std::chrono::milliseconds http2_idle_timeout = limits::http2_idle_timeout;
    std::chrono::milliseconds ping_interval = limits::ping_interval;
    std::chrono::milliseconds ping_timeout = limits::ping_timeout;
};

class Session {
public:
    virtual ~Session() = default;

    // Takes bytes from the peer; calls handlers.
    virtual void receive(std::string_view bytes, TimePoint now) = 0;
    // The peer will send no more.
    virtual void receive_end() = 0;
    // Appends what is to be sent to `out`, until about limits::connection_output_bytes_max are in
    // it.
    virtual void produce(std::string& out) = 0;
    // False while the session cannot take more input (a pipelined request waits for its turn).
    [[nodiscard]] virtual bool wants_input() const = 0;
    // Anything but `open`: send what produce() gives, then close.
    [[nodiscard]] virtual SessionEnd end() const = 0;
    // Looks at the timeouts; called about once a second.
    virtual void tick(TimePoint now) = 0;
    // Takes no new requests as soon as the peer can know; ends when those in progress are answered.
    virtual void drain(TimePoint now) = 0;
    // The connection is gone: aborts every stream.
    virtual void abort_all() = 0;
    [[nodiscard]] virtual std::size_t open_streams() const = 0;

    // The answer, one way or the other. On a stream that is gone all of these do nothing.
    virtual void respond(StreamId id, Answer answer) = 0;
    virtual void begin(StreamId id, int status, const HeaderFields& fields) = 0;
    virtual void write(StreamId id, std::string bytes) = 0;
    virtual void finish(StreamId id, const HeaderFields& trailers) = 0;
    // Ends a stream whose answer cannot be finished.
    virtual void reset(StreamId id) = 0;
    virtual void consumed(StreamId id, std::size_t bytes) = 0;
};

}  // namespace rb::transport::http
