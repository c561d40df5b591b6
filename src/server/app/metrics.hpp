// Metrics: what this process exports (operations manual 7.4), and the worker's part that does it.
//
//   rpc.server.requests, rpc.server.duration      calls, by method and status
//   rustbill.calls.active, .queued, .refused      what the port holds
//   db.client.connection.*                        the pool
//   rustbill.circuit_breaker.state                by host: 0 closed, 1 half open, 2 open
//   rustbill.event.queue.*                        the outbox: due, dead, age of the oldest
//
// All but the requests are read when they are exported; a database that does not answer then leaves
// out the outbox and nothing else.

#pragma once

#include "transport/server.hpp"

#include "config/config.hpp"
#include "server/app/foundation.hpp"
#include "server/app/plugin_host.hpp"
#include "server/app/services.hpp"
#include "telemetry/otlp_exporter.hpp"
#include "telemetry/request_metrics.hpp"

#include <chrono>
#include <stop_token>
#include <string>
#include <vector>

namespace rb::server {

class Metrics {
public:
    // All must outlive it.
    struct Parts {
        const config::TelemetryConfig& config;
        Foundation& foundation;
        PluginHost& plugins;
        Services& services;
        const telemetry::RequestMetrics& requests;
        const transport::Server& web;
    };
    Metrics(const Parts& parts, core::Timestamp started_at);

    void export_once(const std::stop_token& stop) { exporter_.export_once(stop); }
    // What was counted since the last export; gives up after limits::last_export_max.
    // REQUIRES: nobody else exports any more
    void export_last();
    [[nodiscard]] std::chrono::milliseconds interval() const { return interval_; }
    [[nodiscard]] std::vector<telemetry::Metric> collect() const;

private:
    void add_calls(std::vector<telemetry::Metric>& metrics) const;
    void add_pool(std::vector<telemetry::Metric>& metrics) const;
    void add_circuits(std::vector<telemetry::Metric>& metrics) const;
    void add_events(std::vector<telemetry::Metric>& metrics) const;

    const Parts parts_;
    const std::chrono::milliseconds interval_;
    telemetry::OtlpExporter exporter_;
};

// The paths of all methods of our services.
std::vector<std::string> rpc_paths();

}  // namespace rb::server
