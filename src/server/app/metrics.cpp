#include "server/app/metrics.hpp"

#include "server/limits.hpp"
#include "server/middleware/access_table.hpp"
#include "server/version.hpp"

#include <google/protobuf/descriptor.h>

#include <condition_variable>
#include <mutex>
#include <thread>

namespace rb::server {
namespace {

using telemetry::Metric;
using telemetry::MetricKind;
using telemetry::NumberPoint;

template <typename Number>
Metric one(std::string name, std::string description, std::string unit, MetricKind kind,
           Number value) {
    return {.name = std::move(name),
            .description = std::move(description),
            .unit = std::move(unit),
            .kind = kind,
            .numbers = {{.value = static_cast<std::int64_t>(value)}}};
}

telemetry::OtlpClientOptions client_options(const config::TelemetryConfig& config) {
    return {.endpoint = config.metrics_endpoint,
            .headers = config.headers,
            .timeout = std::chrono::milliseconds(config.timeout_ms)};
}

std::int64_t number_of(plugin::CircuitState state) {
    switch (state) {
        case plugin::CircuitState::closed:
            return 0;
        case plugin::CircuitState::half_open:
            return 1;
        case plugin::CircuitState::open:
            return 2;
    }
    return 2;
}

}  // namespace

Metrics::Metrics(const Parts& parts, core::Timestamp started_at)
    : parts_(parts),
      interval_(parts.config.interval_ms),
      exporter_(client_options(parts.config),
                {.service_name = parts.config.service_name,
                 .service_version = version,
                 .instance_id = parts.foundation.node.to_string(),
                 .started_at = started_at},
                parts.foundation.clock, parts.foundation.log, [this] { return collect(); }) {}

void Metrics::export_last() {
    std::stop_source too_late;
    std::mutex mutex;
    std::condition_variable_any never;
    const std::jthread limit([&](const std::stop_token& done) {
        std::unique_lock lock(mutex);
        never.wait_for(lock, done, limits::last_export_max, [] { return false; });
        too_late.request_stop();
    });
    exporter_.export_once(too_late.get_token());
}

std::vector<Metric> Metrics::collect() const {
    auto metrics = parts_.requests.collect();
    add_calls(metrics);
    add_pool(metrics);
    add_circuits(metrics);
    add_events(metrics);
    return metrics;
}

void Metrics::add_calls(std::vector<Metric>& metrics) const {
    const auto counters = parts_.web.counters();
    metrics.push_back(one("rustbill.calls.active", "Calls begun and not yet answered", "{request}",
                          MetricKind::gauge, counters.calls_active));
    metrics.push_back(one("rustbill.calls.queued", "Calls that wait for a worker", "{request}",
                          MetricKind::gauge, counters.calls_queued));
    metrics.push_back(one("rustbill.calls.refused", "Calls refused because the queue was full",
                          "{request}", MetricKind::counter, counters.calls_refused_queue_full));
    metrics.push_back(one("rustbill.connections.open", "Open connections to the port",
                          "{connection}", MetricKind::gauge, counters.connections_open));
}

void Metrics::add_pool(std::vector<Metric>& metrics) const {
    const auto pool = parts_.foundation.pool->statistics();
    metrics.push_back({.name = "db.client.connection.count",
                       .description = "Connections to PostgreSQL, by state",
                       .unit = "{connection}",
                       .numbers = {{{{"state", "idle"}}, pool.idle},
                                   {{{"state", "used"}}, pool.open - pool.idle}}});
    metrics.push_back(one("db.client.connection.max", "The most connections there may be",
                          "{connection}", MetricKind::gauge,
                          parts_.foundation.pool->options().max_connections));
    metrics.push_back(one("db.client.connection.pending_requests",
                          "Threads that wait for a connection", "{request}", MetricKind::gauge,
                          pool.waiting));
    metrics.push_back(one("db.client.connection.timeouts",
                          "Waits for a connection that were in vain", "{timeout}",
                          MetricKind::counter, pool.timed_out));
}

void Metrics::add_circuits(std::vector<Metric>& metrics) const {
    Metric circuits{.name = "rustbill.circuit_breaker.state",
                    .description = "0 closed, 1 half open, 2 open, by host",
                    .unit = "1"};
    for (const auto& [host, state] : parts_.plugins.http.breaker().states()) {
        circuits.numbers.push_back({{{"host", host}}, number_of(state)});
    }
    metrics.push_back(std::move(circuits));
}

void Metrics::add_events(std::vector<Metric>& metrics) const {
    const auto backlog = parts_.services.events.backlog();
    if (backlog.has_error()) return;
    metrics.push_back(
        {.name = "rustbill.event.queue.depth",
         .description = "Events that are due, and dead letters",
         .unit = "{event}",
         .numbers = {{{{"state", "due"}}, static_cast<std::int64_t>(backlog->waiting)},
                     {{{"state", "dead"}}, static_cast<std::int64_t>(backlog->dead)}}});
    const auto age = backlog->oldest ? parts_.foundation.clock.now() - *backlog->oldest
                                     : core::Timestamp::duration::zero();
    metrics.push_back(one("rustbill.event.queue.age", "How long the oldest due event has waited",
                          "s", MetricKind::gauge,
                          std::chrono::duration_cast<std::chrono::seconds>(age).count()));
}

std::vector<std::string> rpc_paths() {
    std::vector<std::string> paths;
    for (const auto* file : service_files()) {
        for (int i = 0; i < file->service_count(); ++i) {
            const auto* service = file->service(i);
            for (int j = 0; j < service->method_count(); ++j) {
                paths.push_back("/" + service->full_name() + "/" + service->method(j)->name());
            }
        }
    }
    return paths;
}

}  // namespace rb::server
