// MetricsLayer: counts and times every RPC, what the layers behind it refuse included. Stands
// outermost; there is none unless metrics are exported.

#pragma once

#include "transport/layer.hpp"

#include "telemetry/request_metrics.hpp"

namespace rb::server {

class MetricsLayer final : public transport::Layer {
public:
    // `requests` must outlive the layer.
    explicit MetricsLayer(telemetry::RequestMetrics& requests) : requests_(requests) {}
    Result<transport::Response> handle(transport::CallContext& call, transport::Next next) override;
    [[nodiscard]] bool runs_on_io_thread() const override { return true; }

private:
    telemetry::RequestMetrics& requests_;
};

}  // namespace rb::server
