// Http1Session: an HTTP/1.1 connection (RFC 9112) as bytes in, bytes out.
//
//     POST /a HTTP/1.1\r\n  Host: x\r\n  Content-Length: 3\r\n  \r\n  abc      request
//     HTTP/1.1 200 OK\r\n   content-length: 2\r\n  \r\n  ok                    whole answer
//     HTTP/1.1 200 OK\r\n   transfer-encoding: chunked\r\n  \r\n  2\r\nok\r\n 0\r\n\r\n   stream
//
// Keep-alive, pipelining (one request at a time; the next waits in the input, also while
// limits::connection_output_bytes_max of answers are not taken), Expect: 100-continue, chunked
// bodies both ways, HTTP/1.0. "Upgrade: h2c" is not taken up, as a server may (RFC 9110, 7.8):
// HTTP/2 is recognised by its preface.

#pragma once

#include "transport/http/session.hpp"
#include "transport/http1/request_parser.hpp"

#include <memory>
#include <optional>
#include <string>

namespace rb::transport::http1 {

class Http1Session final : public http::Session {
public:
    // `host` must outlive the session.
    Http1Session(http::SessionHost& host, http::SessionLimits limits, TimePoint now);
    ~Http1Session() override;

    void receive(std::string_view bytes, TimePoint now) override;
    void receive_end() override;
    void produce(std::string& out) override;
    [[nodiscard]] bool wants_input() const override;
    [[nodiscard]] http::SessionEnd end() const override { return end_; }
    void tick(TimePoint now) override;
    void drain(TimePoint now) override;
    void abort_all() override;
    [[nodiscard]] std::size_t open_streams() const override { return active_ ? 1 : 0; }

    void respond(http::StreamId id, http::Answer answer) override;
    void begin(http::StreamId id, int status, const HeaderFields& fields) override;
    void write(http::StreamId id, std::string bytes) override;
    void finish(http::StreamId id, const HeaderFields& trailers) override;
    void reset(http::StreamId id) override;
    void consumed(http::StreamId id, std::size_t bytes) override;

private:
    // The request in progress.
    struct Active {
        http::StreamId id = 0;
        std::shared_ptr<http::StreamHandler> handler;
        bool head_only = false;  // HEAD: the answer has no body
        bool keep_alive = true;
        bool http10 = false;
        bool wants_continue = false;
        bool body_done = false;
        bool began = false;
        bool answered = false;
        bool chunked = false;
        std::size_t unread = 0;  // body bytes without credit yet
    };

    void process_input();
    // After the peer's last byte: ends the session once the peer waits for nothing.
    void conclude_input();
    bool process_piece();
    [[nodiscard]] bool waits_for_reader() const;
    void open_request();
    void deliver_body(std::string_view bytes);
    void finish_body();
    void append_head(int status, const HeaderFields& fields, std::optional<std::size_t> length);
    void answer_without_request(int status);
    void complete_answer();
    void close_request_if_done();
    [[nodiscard]] Active* active(http::StreamId id);

    http::SessionHost& host_;
    const http::SessionLimits limits_;
    std::string in_;
    std::size_t in_offset_ = 0;
    std::string out_;
    std::optional<RequestParser> parser_;
    std::optional<Active> active_;
    http::StreamId last_id_ = 0;
    http::SessionEnd end_ = http::SessionEnd::open;
    bool processing_ = false;
    bool input_ended_ = false;
    bool draining_ = false;
    bool first_request_ = true;
    TimePoint now_;
    TimePoint last_progress_;  // of the head or body being read
    std::optional<TimePoint> idle_since_;
};

// "OK", "Not Found"; empty for a status without a name.
std::string_view reason_phrase(int status);

}  // namespace rb::transport::http1
