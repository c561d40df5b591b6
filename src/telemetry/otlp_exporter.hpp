// OtlpExporter: what the metrics worker does at each interval: collect, encode, push.
//
// A collector that is down, slow or refuses harms nothing: the push is given up at its timeout and
// the next one carries the same totals. The log hears of it once, at WARN, and once when it is
// back. One thread.

#pragma once

#include "core/ports/clock.hpp"
#include "core/ports/log.hpp"

#include "telemetry/metric.hpp"
#include "telemetry/otlp_client.hpp"
#include "telemetry/otlp_encoder.hpp"

#include <functional>
#include <stop_token>
#include <string>
#include <vector>

namespace rb::telemetry {

class OtlpExporter {
public:
    using Collect = std::function<std::vector<Metric>()>;

    // `clock` and `log` must outlive it, and what `collect` refers to.
    OtlpExporter(OtlpClientOptions options, Reporter reporter, const core::Clock& clock,
                 core::Log& log, Collect collect);

    void export_once(const std::stop_token& stop);

private:
    const std::string endpoint_;
    OtlpClient client_;
    const Reporter reporter_;
    const core::Clock& clock_;
    core::Log& log_;
    const Collect collect_;
    bool is_down_ = false;
};

}  // namespace rb::telemetry
