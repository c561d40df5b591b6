// IoThread: one thread, its event loop, and the connections that live on it.
//
// A connection never changes its thread, so sessions and calls need no locks. What workers finish
// comes in through a mailbox that wakes the loop once per batch, and each connection touched by a
// batch is flushed once at its end: many answers, one send().

#pragma once

#include "transport/call/call.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <thread>
#include <unordered_set>
#include <utility>
#include <vector>

namespace rb::transport {

class Connection;

class IoThread final : public Home {
public:
    // `environment` must outlive the thread.
    explicit IoThread(Environment& environment);
    ~IoThread() override;  // NOLINT(bugprone-exception-escape): see the definition

    void start();
    // Closes every connection and ends the loop. Any thread but this one; again does nothing.
    void stop();

    // Any thread.
    void adopt(boost::asio::ip::tcp::socket socket);
    void drain();
    void close_all();
    boost::asio::io_context& loop() { return loop_; }

    void post(std::shared_ptr<Call> call) override;

    // This thread only.
    std::uint64_t add_deadline(TimePoint when, std::weak_ptr<Call> call) override;
    void remove_deadline(std::uint64_t ticket, TimePoint when) override;
    void remove(const std::shared_ptr<Connection>& connection);
    // Has the connection flushed at the end of this batch.
    void mark_ready(std::shared_ptr<Connection> connection);
    [[nodiscard]] std::span<char> read_buffer() { return read_buffer_; }
    [[nodiscard]] Environment& environment() const { return environment_; }

private:
    void empty_mailbox();
    void flush_ready();
    void arm_deadline();
    void run_deadlines();
    void arm_tick();
    void tick();

    Environment& environment_;
    boost::asio::io_context loop_{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
    boost::asio::steady_timer deadline_timer_;
    boost::asio::steady_timer tick_timer_;
    const std::chrono::milliseconds tick_interval_;
    std::thread thread_;

    // This thread only.
    std::unordered_set<std::shared_ptr<Connection>> connections_;
    std::vector<std::shared_ptr<Connection>> ready_;
    std::map<std::pair<TimePoint, std::uint64_t>, std::weak_ptr<Call>> deadlines_;
    std::optional<TimePoint> deadline_armed_;
    std::uint64_t last_ticket_ = 0;
    bool draining_ = false;
    std::vector<char> read_buffer_;
    std::vector<std::shared_ptr<Call>> batch_;

    std::mutex mutex_;
    std::vector<std::shared_ptr<Call>> mailbox_;  // guarded by mutex_
    bool scheduled_ = false;                      // guarded by mutex_
};

}  // namespace rb::transport
