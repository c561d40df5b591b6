#include "transport/asio/connection.hpp"

#include "transport/call/call_factory.hpp"
#include "transport/http1/session.hpp"
#include "transport/http2/session.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

namespace rb::transport {
namespace {

using boost::asio::ip::tcp;

std::string peer_name(const tcp::socket& socket) {
    boost::system::error_code error;
    const auto end = socket.remote_endpoint(error);
    if (error) return "unknown";
    const auto address = end.address().to_string();
    const auto port = std::to_string(end.port());
    return end.address().is_v6() ? "[" + address + "]:" + port : address + ":" + port;
}

}  // namespace

Connection::Connection(IoThread& thread, tcp::socket socket)
    : thread_(thread),
      socket_(std::move(socket)),
      peer_(peer_name(socket_)),
      budget_(std::make_shared<BodyBudget>(thread.environment())),
      opened_at_(std::chrono::steady_clock::now()) {}

Connection::~Connection() = default;

void Connection::start() {
    boost::system::error_code ignored;  // the first read reports a socket that is broken
    socket_.non_blocking(true, ignored);
    socket_.set_option(tcp::no_delay(true), ignored);
    arm_read();
}

http::SessionLimits Connection::session_limits() const {
    const auto& timeouts = thread_.environment().options.timeouts;
    return {.head_timeout = timeouts.head,
            .body_idle_timeout = timeouts.body_idle,
            .write_idle_timeout = timeouts.write_idle,
            .http1_idle_timeout = timeouts.http1_idle,
            .http2_idle_timeout = timeouts.http2_idle,
            .ping_interval = timeouts.ping_interval,
            .ping_timeout = timeouts.ping_timeout};
}

std::shared_ptr<http::StreamHandler> Connection::on_request(http::StreamId id,
                                                            http::RequestHead head) {
    return make_call(Seat{.environment = thread_.environment(),
                          .home = thread_,
                          .outlet = *this,
                          .session = *session_,
                          .stream = id,
                          .budget = budget_},
                     std::move(head), peer_);
}

// --- reading ------------------------------------------------------------------------------------

void Connection::arm_read() {
    if (reading_ || closed_ || input_ended_) return;
    if (session_ && !lingering_since_ && !session_->wants_input()) return;
    reading_ = true;
    socket_.async_wait(tcp::socket::wait_read,
                       [self = shared_from_this()](boost::system::error_code error) {
                           self->reading_ = false;
                           if (error || self->closed_) return;
                           self->on_readable();
                       });
}

void Connection::on_readable() {
    if (lingering_since_) return discard_input();
    const auto buffer = thread_.read_buffer();
    const auto length = ::recv(socket_.native_handle(), buffer.data(), buffer.size(), 0);
    if (length < 0 && (errno == EAGAIN || errno == EINTR)) return arm_read();
    if (length < 0) return close();
    if (length == 0) return on_input_end();
    receive({buffer.data(), static_cast<std::size_t>(length)});
    flush();
    arm_read();
}

void Connection::receive(std::string_view bytes) {
    if (!session_) {
        first_bytes_ += bytes;
        choose_session();
        if (!session_) return;
        const auto held = std::exchange(first_bytes_, {});
        session_->receive(held, std::chrono::steady_clock::now());
        return;
    }
    session_->receive(bytes, std::chrono::steady_clock::now());
}

void Connection::choose_session() {
    const auto preface = http2::client_preface;
    const auto common = std::min(preface.size(), first_bytes_.size());
    const auto now = std::chrono::steady_clock::now();
    if (std::string_view(first_bytes_).substr(0, common) != preface.substr(0, common)) {
        session_ = std::make_unique<http1::Http1Session>(*this, session_limits(), now);
    } else if (common == preface.size()) {
        session_ = std::make_unique<http2::Http2Session>(*this, session_limits(), now);
    }
}

void Connection::on_input_end() {
    input_ended_ = true;
    if (!session_) return close();
    session_->receive_end();
    flush();
}

// --- writing ------------------------------------------------------------------------------------

void Connection::output_ready() {
    if (marked_) return;
    marked_ = true;
    thread_.mark_ready(shared_from_this());
}

void Connection::flush_marked() {
    marked_ = false;
    flush();
    arm_read();
}

void Connection::flush() {
    if (closed_ || writing_ || !session_ || lingering_since_) return;
    do {
        if (out_.empty()) session_->produce(out_);
    } while (!out_.empty() && send_some());
    if (!closed_ && out_.empty()) check_end();
}

// True when everything in out_ was taken.
bool Connection::send_some() {
    const auto length = ::send(socket_.native_handle(), out_.data() + out_offset_,
                               out_.size() - out_offset_, MSG_NOSIGNAL);
    if (length < 0) {
        if (errno == EINTR) return send_some();
        if (errno != EAGAIN) {
            close();
            return false;
        }
    } else {
        blocked_since_.reset();
        out_offset_ += static_cast<std::size_t>(length);
        if (out_offset_ == out_.size()) {
            out_offset_ = 0;
            // A burst's buffer is not kept for a connection that may stay idle for long.
            if (out_.capacity() > limits::connection_output_bytes_max) {
                out_ = {};
            } else {
                out_.clear();
            }
            return true;
        }
    }
    if (!blocked_since_) blocked_since_ = std::chrono::steady_clock::now();
    arm_write();
    return false;
}

void Connection::arm_write() {
    writing_ = true;
    socket_.async_wait(tcp::socket::wait_write,
                       [self = shared_from_this()](boost::system::error_code error) {
                           self->writing_ = false;
                           if (error || self->closed_) return;
                           self->flush();
                           self->arm_read();
                       });
}

// --- life and end -------------------------------------------------------------------------------

void Connection::check_end() {
    const auto end = session_->end();
    if (end == http::SessionEnd::open) return;
    count_end(end);
    session_->abort_all();
    if (input_ended_ || end == http::SessionEnd::timed_out) return close();
    begin_lingering();
}

void Connection::count_end(http::SessionEnd end) {
    auto& counters = thread_.environment().counters;
    switch (end) {
        case http::SessionEnd::open:
        case http::SessionEnd::done:
            break;
        case http::SessionEnd::protocol:
            counters.protocol_errors.fetch_add(1);
            break;
        case http::SessionEnd::calm:
            counters.connections_calmed.fetch_add(1);
            break;
        case http::SessionEnd::timed_out:
            counters.connections_timed_out.fetch_add(1);
            break;
    }
}

void Connection::begin_lingering() {
    boost::system::error_code error;
    socket_.shutdown(tcp::socket::shutdown_send, error);
    if (error) return close();
    lingering_since_ = std::chrono::steady_clock::now();
    arm_read();
}

void Connection::discard_input() {
    const auto buffer = thread_.read_buffer();
    const auto length = ::recv(socket_.native_handle(), buffer.data(), buffer.size(), 0);
    if (length < 0 && (errno == EAGAIN || errno == EINTR)) return arm_read();
    if (length <= 0) return close();
    discarded_ += static_cast<std::size_t>(length);
    if (discarded_ > limits::linger_bytes_max) return close();
    arm_read();
}

void Connection::drain() {
    if (closed_) return;
    if (!session_) return close();
    session_->drain(std::chrono::steady_clock::now());
    flush();
}

void Connection::close() {
    if (closed_) return;
    closed_ = true;
    const auto self = shared_from_this();
    if (session_) session_->abort_all();
    boost::system::error_code ignored;  // closed either way
    socket_.close(ignored);
    thread_.remove(self);
}

void Connection::tick(TimePoint now) {
    if (closed_) return;
    const auto& timeouts = thread_.environment().options.timeouts;
    if (lingering_since_) {
        if (now - *lingering_since_ > limits::linger_timeout) close();
        return;
    }
    const bool silent = !session_ && now - opened_at_ > timeouts.head;
    const bool stuck = blocked_since_ && now - *blocked_since_ > timeouts.write_idle;
    if (silent || stuck) {
        count_end(http::SessionEnd::timed_out);
        return close();
    }
    if (!session_) return;
    session_->tick(now);
    flush();
}

}  // namespace rb::transport
