// Environment: what every call of a server shares.

#pragma once

#include "transport/call/worker_pool.hpp"
#include "transport/server.hpp"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

namespace rb::transport {

// Relaxed: totals are read for reports, nothing depends on their order.
struct LiveCounters {
    std::atomic<std::uint64_t> connections_accepted{0};
    std::atomic<std::uint64_t> connections_open{0};
    std::atomic<std::uint64_t> connections_refused{0};
    std::atomic<std::uint64_t> connections_timed_out{0};
    std::atomic<std::uint64_t> connections_calmed{0};
    std::atomic<std::uint64_t> protocol_errors{0};
    std::atomic<std::uint64_t> calls{0};
    std::atomic<std::uint64_t> calls_refused_queue_full{0};
    std::atomic<std::uint64_t> calls_active{0};
    std::atomic<std::uint64_t> body_bytes_held{0};
};

struct Environment {
    Environment(ServerOptions given_options, MethodRegistry given_methods, HttpRoutes given_routes,
                std::vector<std::unique_ptr<Layer>> given_layers)
        : options(std::move(given_options)),
          methods(std::move(given_methods)),
          routes(std::move(given_routes)),
          owned_layers(std::move(given_layers)),
          workers(options.max_concurrency, options.queued_calls_max) {
        for (const auto& layer : owned_layers) {
            layers.push_back(layer.get());
            if (layer->runs_on_io_thread()) io_layers.push_back(layer.get());
        }
    }

    // The longest message a method takes, before and after decompression.
    [[nodiscard]] std::size_t message_bytes_max(Execution execution) const {
        if (execution == Execution::worker) return options.message_bytes_max;
        return std::min(options.message_bytes_max, limits::inline_message_bytes_max);
    }

    // Constant after construction.
    const ServerOptions options;
    const MethodRegistry methods;
    const HttpRoutes routes;
    const std::vector<std::unique_ptr<Layer>> owned_layers;
    std::vector<Layer*> layers;
    std::vector<Layer*> io_layers;

    LiveCounters counters;
    // Last, so that its threads end before what they use.
    WorkerPool workers;
};

// The request bodies one connection holds, so that one peer cannot fill our memory with many
// unfinished requests. Any thread.
class BodyBudget {
public:
    explicit BodyBudget(Environment& environment) : environment_(environment) {}

    // False when this connection or the whole server holds too much; nothing is taken then.
    bool take(std::size_t bytes);
    void give_back(std::size_t bytes);

private:
    Environment& environment_;
    std::atomic<std::size_t> held_{0};
};

}  // namespace rb::transport
