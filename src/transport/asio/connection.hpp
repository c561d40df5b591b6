// Connection: the loop that moves one socket's bytes in and out of its Session.
//
//     readable ─▶ recv ─▶ session.receive ─▶ session.produce ─▶ send
//
// The first bytes choose the session: the HTTP/2 preface, or anything else for HTTP/1.1. All of it
// on one I/O thread.

#pragma once

#include "transport/asio/io_thread.hpp"
#include "transport/call/call.hpp"
#include "transport/http/session.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace rb::transport {

class Connection final : public http::SessionHost,
                         public Outlet,
                         public std::enable_shared_from_this<Connection> {
public:
    Connection(IoThread& thread, boost::asio::ip::tcp::socket socket);
    ~Connection() override;

    void start();
    // Asks the peer to go and closes when its calls are answered.
    void drain();
    // Closes now; calls in progress are cancelled.
    void close();
    void tick(TimePoint now);
    // Flushes after output_ready().
    void flush_marked();

    std::shared_ptr<http::StreamHandler> on_request(http::StreamId id,
                                                    http::RequestHead head) override;
    void output_ready() override;

private:
    void arm_read();
    void arm_write();
    void on_readable();
    void receive(std::string_view bytes);
    void choose_session();
    void on_input_end();
    void flush();
    bool send_some();
    void check_end();
    void begin_lingering();
    void discard_input();
    void count_end(http::SessionEnd end);
    [[nodiscard]] http::SessionLimits session_limits() const;

    IoThread& thread_;
    boost::asio::ip::tcp::socket socket_;
    const std::string peer_;
    const std::shared_ptr<BodyBudget> budget_;
    std::unique_ptr<http::Session> session_;
    std::string first_bytes_;  // until they choose the session
    std::string out_;
    std::size_t out_offset_ = 0;
    TimePoint opened_at_;
    std::optional<TimePoint> blocked_since_;    // the socket takes no more output
    std::optional<TimePoint> lingering_since_;  // all is sent; waiting for the peer to close
    std::size_t discarded_ = 0;
    bool reading_ = false;
    bool writing_ = false;
    bool marked_ = false;
    bool input_ended_ = false;
    bool closed_ = false;
};

}  // namespace rb::transport
