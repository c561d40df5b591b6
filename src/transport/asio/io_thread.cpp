#include "transport/asio/io_thread.hpp"

#include "transport/asio/connection.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>

namespace rb::transport {
namespace {

// Often enough for the shortest timeout to be met within a quarter of itself.
std::chrono::milliseconds tick_interval_for(const Timeouts& timeouts) {
    const auto shortest =
        std::min({timeouts.head, timeouts.body_idle, timeouts.write_idle, timeouts.http1_idle,
                  timeouts.http2_idle, timeouts.ping_interval, timeouts.ping_timeout});
    return std::clamp(shortest / 4, std::chrono::milliseconds(10), std::chrono::milliseconds(1000));
}

}  // namespace

IoThread::IoThread(Environment& environment)
    : environment_(environment),
      work_(boost::asio::make_work_guard(loop_)),
      deadline_timer_(loop_),
      tick_timer_(loop_),
      tick_interval_(tick_interval_for(environment.options.timeouts)),
      read_buffer_(limits::read_buffer_bytes) {}

// A thread that cannot be told to end, for want of memory, ends the process.
// NOLINTNEXTLINE(bugprone-exception-escape)
IoThread::~IoThread() {
    stop();
}

void IoThread::start() {
    arm_tick();
    thread_ = std::thread([this] { loop_.run(); });
}

void IoThread::stop() {
    if (!thread_.joinable()) return;
    close_all();
    boost::asio::post(loop_, [this] {
        tick_timer_.cancel();
        deadline_timer_.cancel();
        loop_.stop();
    });
    work_.reset();
    thread_.join();
}

void IoThread::adopt(boost::asio::ip::tcp::socket socket) {
    boost::asio::post(loop_, [this, socket = std::move(socket)]() mutable {
        if (draining_) {
            environment_.counters.connections_open.fetch_sub(1);
            return;
        }
        auto connection = std::make_shared<Connection>(*this, std::move(socket));
        connections_.insert(connection);
        connection->start();
    });
}

void IoThread::remove(const std::shared_ptr<Connection>& connection) {
    if (connections_.erase(connection) == 0) return;
    environment_.counters.connections_open.fetch_sub(1);
}

void IoThread::drain() {
    boost::asio::post(loop_, [this] {
        draining_ = true;
        // A drained connection may close at once and leave the set.
        const std::vector all(connections_.begin(), connections_.end());
        for (const auto& connection : all) connection->drain();
    });
}

void IoThread::close_all() {
    boost::asio::post(loop_, [this] {
        draining_ = true;
        const std::vector all(connections_.begin(), connections_.end());
        for (const auto& connection : all) connection->close();
    });
}

void IoThread::post(std::shared_ptr<Call> call) {
    {
        const std::lock_guard lock(mutex_);
        mailbox_.push_back(std::move(call));
        if (scheduled_) return;
        scheduled_ = true;
    }
    boost::asio::post(loop_, [this] { empty_mailbox(); });
}

void IoThread::empty_mailbox() {
    {
        const std::lock_guard lock(mutex_);
        scheduled_ = false;
        batch_.swap(mailbox_);
    }
    for (const auto& call : batch_) call->on_posted();
    batch_.clear();
    flush_ready();
}

void IoThread::mark_ready(std::shared_ptr<Connection> connection) {
    ready_.push_back(std::move(connection));
}

void IoThread::flush_ready() {
    // Flushing may end calls and thereby mark others.
    while (!ready_.empty()) {
        const auto batch = std::exchange(ready_, {});
        for (const auto& connection : batch) connection->flush_marked();
    }
}

std::uint64_t IoThread::add_deadline(TimePoint when, std::weak_ptr<Call> call) {
    const auto ticket = ++last_ticket_;
    deadlines_.emplace(std::pair(when, ticket), std::move(call));
    arm_deadline();
    return ticket;
}

void IoThread::remove_deadline(std::uint64_t ticket, TimePoint when) {
    deadlines_.erase(std::pair(when, ticket));
}

// The timer is only moved when an earlier deadline comes; one that fires early finds nothing to do
// and arms itself again, which is cheaper than moving it for every call.
void IoThread::arm_deadline() {
    if (deadlines_.empty()) return;
    const auto first = deadlines_.begin()->first.first;
    if (deadline_armed_ && *deadline_armed_ <= first) return;
    deadline_armed_ = first;
    deadline_timer_.expires_at(first);
    deadline_timer_.async_wait([this](boost::system::error_code error) {
        if (!error) run_deadlines();
    });
}

void IoThread::run_deadlines() {
    deadline_armed_.reset();
    const auto now = std::chrono::steady_clock::now();
    while (!deadlines_.empty() && deadlines_.begin()->first.first <= now) {
        const auto call = deadlines_.begin()->second.lock();
        deadlines_.erase(deadlines_.begin());
        if (call) call->on_deadline();
    }
    arm_deadline();
    flush_ready();
}

void IoThread::arm_tick() {
    tick_timer_.expires_after(tick_interval_);
    tick_timer_.async_wait([this](boost::system::error_code error) {
        if (!error) tick();
    });
}

void IoThread::tick() {
    const auto now = std::chrono::steady_clock::now();
    const std::vector all(connections_.begin(), connections_.end());
    for (const auto& connection : all) connection->tick(now);
    flush_ready();
    arm_tick();
}

}  // namespace rb::transport
