// RequestMetrics: how many calls each method had, how they ended, and how long they took.
//
// Recording takes no lock: a look-up in a table that never changes, then three relaxed additions to
// atomics of that method. Thread-safe.

#pragma once

#include "telemetry/metric.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace rb::telemetry {

class RequestMetrics {
public:
    // gRPC's codes, 0 to 16.
    static constexpr std::size_t status_count = 17;
    // In milliseconds: a cached read to a call that waits for a slow provider.
    static constexpr std::array<double, 13> bounds_ms{1,   2.5, 5,    10,   25,   50,   100,
                                                      250, 500, 1000, 2500, 5000, 10000};

    // `paths`: "/rustbill.order.OrderService/PayOrder"; calls of any other count as "other".
    explicit RequestMetrics(const std::vector<std::string>& paths);

    // `status` past the last code counts as 2, UNKNOWN.
    void record(std::string_view path, std::size_t status, std::chrono::microseconds took);

    // rpc.server.requests (counter) and rpc.server.duration (histogram), as OpenTelemetry's
    // conventions for RPC name their attributes. Methods that were never called are left out.
    [[nodiscard]] std::vector<Metric> collect() const;

private:
    // Beside each other in memory, two methods would slow each other down.
    struct alignas(64) Slot {
        std::string path;
        std::array<std::atomic<std::uint64_t>, status_count> ended{};
        std::array<std::atomic<std::uint64_t>, bounds_ms.size() + 1> took{};
        std::atomic<std::uint64_t> took_us{0};
    };
    [[nodiscard]] Slot& slot_of(std::string_view path);

    // Constant after construction, but for the atomics.
    std::vector<std::unique_ptr<Slot>> slots_;
    // The keys stand in the slots.
    std::unordered_map<std::string_view, Slot*> by_path_;
};

}  // namespace rb::telemetry
