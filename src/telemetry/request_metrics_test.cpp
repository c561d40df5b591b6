#include "telemetry/request_metrics.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <thread>

namespace rb::telemetry {
namespace {

using std::chrono::microseconds;

const std::string pay = "/rustbill.order.OrderService/PayOrder";

std::string attribute(const AttributeList& attributes, const std::string& name) {
    const auto found = std::ranges::find(attributes, name, &AttributeList::value_type::first);
    return found == attributes.end() ? "" : found->second;
}

TEST(RequestMetrics, say_how_calls_ended_and_how_long_they_took) {
    RequestMetrics requests({pay});
    requests.record(pay, 0, microseconds(1000));
    requests.record(pay, 0, microseconds(1001));
    requests.record(pay, 9, microseconds(20'000'000));
    const auto metrics = requests.collect();
    ASSERT_EQ(metrics.size(), 2U);
    ASSERT_EQ(metrics[0].numbers.size(), 2U);
    EXPECT_EQ(metrics[0].numbers[0].value, 2);
    EXPECT_EQ(attribute(metrics[0].numbers[0].attributes, "rpc.service"),
              "rustbill.order.OrderService");
    EXPECT_EQ(attribute(metrics[0].numbers[0].attributes, "rpc.method"), "PayOrder");
    EXPECT_EQ(attribute(metrics[0].numbers[0].attributes, "rpc.grpc.status_code"), "0");
    EXPECT_EQ(metrics[0].numbers[1].value, 1);
    EXPECT_EQ(attribute(metrics[0].numbers[1].attributes, "rpc.grpc.status_code"), "9");

    ASSERT_EQ(metrics[1].histograms.size(), 1U);
    const auto& counts = metrics[1].histograms[0].counts;
    ASSERT_EQ(counts.size(), metrics[1].bounds.size() + 1);
    // A bucket holds its upper bound.
    EXPECT_EQ(counts[0], 1U);
    EXPECT_EQ(counts[1], 1U);
    EXPECT_EQ(counts.back(), 1U);
    EXPECT_DOUBLE_EQ(metrics[1].histograms[0].sum, 20'002.001);
}

TEST(RequestMetrics, count_what_nobody_knows_as_other_and_leave_out_what_was_never_called) {
    RequestMetrics requests({pay});
    EXPECT_TRUE(requests.collect()[0].numbers.empty());
    requests.record("/no.such/Method", 99, microseconds(-1));
    const auto metrics = requests.collect();
    ASSERT_EQ(metrics[0].numbers.size(), 1U);
    EXPECT_EQ(attribute(metrics[0].numbers[0].attributes, "rpc.service"), "");
    EXPECT_EQ(attribute(metrics[0].numbers[0].attributes, "rpc.grpc.status_code"), "2");
}

TEST(RequestMetrics, lose_nothing_when_many_record_at_once) {
    RequestMetrics requests({pay});
    constexpr int each = 20'000;
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] {
            for (int n = 0; n < each; ++n) requests.record(pay, 0, microseconds(n));
        });
    }
    for (auto& thread : threads) thread.join();
    const auto metrics = requests.collect();
    EXPECT_EQ(metrics[0].numbers[0].value, 4 * each);
    const auto& counts = metrics[1].histograms[0].counts;
    EXPECT_EQ(std::accumulate(counts.begin(), counts.end(), std::uint64_t{0}), 4U * each);
}

}  // namespace
}  // namespace rb::telemetry
