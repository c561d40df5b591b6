// Http2Session: an HTTP/2 connection (RFC 9113) as bytes in, bytes out, on nghttp2's
// session_mem_recv and session_mem_send.
//
//     "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"                                the client's preface
//     +---------------+------+-------+--------------------+---------+
//     | length 3 bytes| type | flags | R, stream id 31 bit| payload |  frames, both ways
//     +---------------+------+-------+--------------------+---------+
//
//     SETTINGS, HEADERS(:method :path ...), DATA...  ──▶
//     ◀── SETTINGS, HEADERS(:status ...), DATA..., HEADERS(trailers, END_STREAM)
//
// nghttp2 owns frames, HPACK, and the state of streams; this class owns what it leaves to us: the
// size of heads, flow-control credit, flood limits, keep-alive pings, and the two steps of GOAWAY.

#pragma once

#include "transport/http/session.hpp"
#include "transport/http2/flood_guard.hpp"
#include "transport/http2/frame_clock.hpp"
#include "transport/http2/nghttp2_handles.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rb::transport::http2 {

inline constexpr std::string_view client_preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

struct Stream;

class Http2Session final : public http::Session {
public:
    // `host` must outlive the session.
    Http2Session(http::SessionHost& host, http::SessionLimits limits, TimePoint now);
    ~Http2Session() override;

    void receive(std::string_view bytes, TimePoint now) override;
    void receive_end() override;
    void produce(std::string& out) override;
    [[nodiscard]] bool wants_input() const override { return end_ == http::SessionEnd::open; }
    [[nodiscard]] http::SessionEnd end() const override { return end_; }
    void tick(TimePoint now) override;
    void drain(TimePoint now) override;
    void abort_all() override;
    [[nodiscard]] std::size_t open_streams() const override { return open_streams_; }

    void respond(http::StreamId id, http::Answer answer) override;
    void begin(http::StreamId id, int status, const HeaderFields& fields) override;
    void write(http::StreamId id, std::string bytes) override;
    void finish(http::StreamId id, const HeaderFields& trailers) override;
    void reset(http::StreamId id) override;
    void consumed(http::StreamId id, std::size_t bytes) override;

private:
    struct Callbacks;

    SessionHandle create_handle();
    static nghttp2_data_provider body_of(Stream& stream);
    Stream* open_stream(std::int32_t id);
    void close_stream(Stream& stream);
    [[nodiscard]] Stream* find(http::StreamId id) const;
    void add_header(Stream& stream, std::string_view name, std::string_view value);
    void request_head_done(Stream& stream, bool ends);
    void request_ended(Stream& stream);
    bool frame_began(const nghttp2_frame_hd& header);
    void frame_received(const nghttp2_frame& frame);
    void frame_sent(const nghttp2_frame& frame);
    void frame_not_sent(const nghttp2_frame& frame);
    ssize_t read_body(Stream& stream, std::uint8_t* buffer, std::size_t capacity,
                      std::uint32_t& flags);
    void submit_trailers(Stream& stream);
    void submit_head(Stream& stream, int status, const HeaderFields& fields,
                     std::optional<std::size_t> length, bool with_body);
    void calm();
    void update_end();
    void tick_streams(TimePoint now);
    void tick_pings(TimePoint now);
    void send_final_goaway();

    http::SessionHost& host_;
    const http::SessionLimits limits_;
    SessionHandle session_;
    FloodGuard floods_;
    FrameClock frame_clock_;
    TimePoint now_;
    TimePoint last_received_;
    http::SessionEnd end_ = http::SessionEnd::open;

    Stream* streams_ = nullptr;  // all open, a linked list
    std::size_t open_streams_ = 0;
    std::vector<std::unique_ptr<Stream>> spare_;  // closed ones, kept for their buffers
    std::vector<http::StreamId> sent_;            // streams whose unsent bytes shrank
    std::vector<nghttp2_nv> fields_;              // scratch of submit_head
    std::string number_;                          // scratch: content-length

    std::optional<TimePoint> ping_sent_;
    std::optional<TimePoint> idle_since_;
    std::optional<TimePoint> drain_since_;
    bool final_goaway_sent_ = false;
    bool error_goaway_sent_ = false;
    bool calmed_ = false;
};

}  // namespace rb::transport::http2
