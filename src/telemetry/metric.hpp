// A metric as it is at one moment, in plain values. What OTLP calls a Gauge, a Sum or a Histogram.

#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace rb::telemetry {

using AttributeList = std::vector<std::pair<std::string, std::string>>;

struct NumberPoint {
    AttributeList attributes = {};
    std::int64_t value = 0;
};

// counts has one more element than the metric's bounds: what is above the last.
struct HistogramPoint {
    AttributeList attributes = {};
    std::vector<std::uint64_t> counts = {};
    // Of all values, in the metric's unit.
    double sum = 0;
};

enum class MetricKind {
    gauge,      // what is now
    counter,    // what has been since the process began; only grows
    histogram,  // how values since then were spread
};

struct Metric {
    std::string name;
    std::string description;
    // As UCUM spells it: "ms", "{request}".
    std::string unit;
    MetricKind kind = MetricKind::gauge;
    std::vector<NumberPoint> numbers = {};
    std::vector<HistogramPoint> histograms = {};
    // Ascending; for a histogram.
    std::vector<double> bounds = {};
};

}  // namespace rb::telemetry
