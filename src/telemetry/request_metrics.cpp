#include "telemetry/request_metrics.hpp"

#include <algorithm>

namespace rb::telemetry {
namespace {

constexpr std::size_t status_unknown = 2;

// "/package.Service/Method" as the two attributes that name it.
AttributeList attributes_of(const std::string& path) {
    const auto slash = path.rfind('/');
    if (slash == std::string::npos || slash == 0) return {{"rpc.system", "grpc"}};
    return {{"rpc.system", "grpc"},
            {"rpc.service", path.substr(1, slash - 1)},
            {"rpc.method", path.substr(slash + 1)}};
}

}  // namespace

RequestMetrics::RequestMetrics(const std::vector<std::string>& paths) {
    const auto add = [&](std::string path) {
        slots_.push_back(std::make_unique<Slot>());
        slots_.back()->path = std::move(path);
    };
    add("other");
    for (const auto& path : paths) add(path);
    for (const auto& slot : slots_) by_path_.emplace(slot->path, slot.get());
}

RequestMetrics::Slot& RequestMetrics::slot_of(std::string_view path) {
    const auto found = by_path_.find(path);
    return found == by_path_.end() ? *slots_.front() : *found->second;
}

void RequestMetrics::record(std::string_view path, std::size_t status,
                            std::chrono::microseconds took) {
    auto& slot = slot_of(path);
    const auto micros = static_cast<std::uint64_t>(std::max<std::int64_t>(took.count(), 0));
    const auto millis = static_cast<double>(micros) / 1000.0;
    // OTLP's buckets hold their upper bound.
    const auto bucket = std::ranges::lower_bound(bounds_ms, millis) - bounds_ms.begin();
    slot.took[static_cast<std::size_t>(bucket)].fetch_add(1, std::memory_order_relaxed);
    slot.took_us.fetch_add(micros, std::memory_order_relaxed);
    slot.ended[status < status_count ? status : status_unknown].fetch_add(
        1, std::memory_order_relaxed);
}

std::vector<Metric> RequestMetrics::collect() const {
    Metric requests{.name = "rpc.server.requests",
                    .description = "Calls that were answered, by method and status",
                    .unit = "{request}",
                    .kind = MetricKind::counter};
    Metric duration{.name = "rpc.server.duration",
                    .description = "How long calls took, from a worker's taking them up",
                    .unit = "ms",
                    .kind = MetricKind::histogram,
                    .bounds = {bounds_ms.begin(), bounds_ms.end()}};
    for (const auto& slot : slots_) {
        const auto attributes = attributes_of(slot->path);
        HistogramPoint point{.attributes = attributes};
        std::uint64_t count = 0;
        for (const auto& bucket : slot->took) {
            point.counts.push_back(bucket.load(std::memory_order_relaxed));
            count += point.counts.back();
        }
        if (count == 0) continue;
        point.sum = static_cast<double>(slot->took_us.load(std::memory_order_relaxed)) / 1000.0;
        duration.histograms.push_back(std::move(point));
        for (std::size_t status = 0; status < status_count; ++status) {
            const auto ended = slot->ended[status].load(std::memory_order_relaxed);
            if (ended == 0) continue;
            auto with_status = attributes;
            with_status.emplace_back("rpc.grpc.status_code", std::to_string(status));
            requests.numbers.push_back(
                {.attributes = std::move(with_status), .value = static_cast<std::int64_t>(ended)});
        }
    }
    std::vector<Metric> metrics;
    metrics.push_back(std::move(requests));
    metrics.push_back(std::move(duration));
    return metrics;
}

}  // namespace rb::telemetry
