#include "transport/server.hpp"

#include "transport/asio/io_thread.hpp"
#include "transport/asio/listener.hpp"
#include "transport/call/environment.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <mutex>
#include <thread>

namespace rb::transport {
namespace {

using std::chrono_literals::operator""ms;

// How often a drain looks whether the last connection has closed.
constexpr auto drain_poll = 5ms;

Result<> check(const ServerOptions& options) {
    if (options.max_concurrency == 0) {
        return invalid_field("max_concurrency", "must be at least 1");
    }
    if (options.connections_max == 0) {
        return invalid_field("connections_max", "must be at least 1");
    }
    if (options.message_bytes_max > limits::connection_body_bytes_max) {
        return invalid_field("message_bytes_max", "must not be above connection_body_bytes_max");
    }
    if (options.http_body_bytes_max > limits::connection_body_bytes_max) {
        return invalid_field("http_body_bytes_max", "must not be above connection_body_bytes_max");
    }
    return {};
}

// No more connections than the process has descriptors for (limits::descriptors_reserved).
ServerOptions within_descriptors(ServerOptions options) {
    rlimit allowed{};
    if (::getrlimit(RLIMIT_NOFILE, &allowed) != 0) return options;
    const std::size_t all = allowed.rlim_cur;
    const auto left = all - std::min(limits::descriptors_reserved, all / 2);
    options.connections_max = std::clamp<std::size_t>(left, 1, options.connections_max);
    return options;
}

std::size_t io_threads_for(const ServerOptions& options) {
    if (options.io_threads > 0) return options.io_threads;
    return std::max<std::size_t>(1, std::thread::hardware_concurrency() / 4);
}

}  // namespace

class Server::Impl {
public:
    Impl(ServerOptions options, MethodRegistry methods, HttpRoutes routes,
         std::vector<std::unique_ptr<Layer>> layers)
        : environment_(within_descriptors(std::move(options)), std::move(methods),
                       std::move(routes), std::move(layers)) {
        const auto count = io_threads_for(environment_.options);
        for (std::size_t i = 0; i < count; ++i) {
            threads_.push_back(std::make_unique<IoThread>(environment_));
        }
        listener_ = std::make_unique<Listener>(threads_);
    }

    ~Impl() {
        drain(0ms);
        // Workers post to the I/O threads, so they end first.
        environment_.workers.stop();
        for (auto& thread : threads_) thread->stop();
    }

    Result<> start() {
        TRY(listener_->open(environment_.options.host, environment_.options.port));
        for (auto& thread : threads_) thread->start();
        listener_->start();
        started_ = true;
        return {};
    }

    bool drain(std::chrono::milliseconds patience) {
        const std::lock_guard lock(drain_mutex_);
        if (!started_) return true;
        if (drained_) return *drained_;
        listener_->close();
        for (auto& thread : threads_) thread->drain();
        const auto give_up = std::chrono::steady_clock::now() + patience;
        while (open() > 0 && std::chrono::steady_clock::now() < give_up) {
            std::this_thread::sleep_for(drain_poll);
        }
        drained_ = open() == 0;
        for (auto& thread : threads_) thread->close_all();
        return *drained_;
    }

    [[nodiscard]] ServerCounters counters() const {
        const auto& live = environment_.counters;
        return {.connections_accepted = live.connections_accepted.load(),
                .connections_open = live.connections_open.load(),
                .connections_refused = live.connections_refused.load(),
                .connections_timed_out = live.connections_timed_out.load(),
                .connections_calmed = live.connections_calmed.load(),
                .protocol_errors = live.protocol_errors.load(),
                .calls = live.calls.load(),
                .calls_refused_queue_full = live.calls_refused_queue_full.load(),
                .calls_active = live.calls_active.load(),
                .calls_queued = environment_.workers.queued(),
                .body_bytes_held = live.body_bytes_held.load()};
    }

    [[nodiscard]] std::uint16_t port() const { return listener_->port(); }

private:
    [[nodiscard]] std::uint64_t open() const {
        return environment_.counters.connections_open.load();
    }

    Environment environment_;
    std::vector<std::unique_ptr<IoThread>> threads_;
    std::unique_ptr<Listener> listener_;
    bool started_ = false;
    std::mutex drain_mutex_;
    std::optional<bool> drained_;  // guarded by drain_mutex_
};

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::~Server() = default;

Result<std::unique_ptr<Server>> Server::create(ServerOptions options, MethodRegistry methods,
                                               HttpRoutes routes,
                                               std::vector<std::unique_ptr<Layer>> layers) {
    TRY(check(options));
    return std::unique_ptr<Server>(new Server(std::make_unique<Impl>(
        std::move(options), std::move(methods), std::move(routes), std::move(layers))));
}

Result<> Server::start() {
    return impl_->start();
}
std::uint16_t Server::port() const {
    return impl_->port();
}
bool Server::drain(std::chrono::milliseconds patience) {
    return impl_->drain(patience);
}
ServerCounters Server::counters() const {
    return impl_->counters();
}

}  // namespace rb::transport
