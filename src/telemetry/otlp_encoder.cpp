#include "telemetry/otlp_encoder.hpp"

#include <telemetry/otlp_metrics.pb.h>

#include <numeric>

namespace rb::telemetry {
namespace {

namespace otlp = rustbill::telemetry;

std::uint64_t nanos(core::Timestamp time) {
    const auto since = time.time_since_epoch();
    return static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::nanoseconds>(since).count());
}

template <typename Message>
void add_attributes(const AttributeList& attributes, Message& message) {
    for (const auto& [name, value] : attributes) {
        auto& attribute = *message.add_attributes();
        attribute.set_key(name);
        attribute.mutable_value()->set_string_value(value);
    }
}

struct Span {
    std::uint64_t from;
    std::uint64_t until;
};

template <typename Data>
void add_numbers(const Metric& metric, Span span, Data& data) {
    for (const auto& number : metric.numbers) {
        auto& point = *data.add_data_points();
        point.set_start_time_unix_nano(span.from);
        point.set_time_unix_nano(span.until);
        point.set_as_int(number.value);
        add_attributes(number.attributes, point);
    }
}

void add_histograms(const Metric& metric, Span span, otlp::Histogram& data) {
    data.set_aggregation_temporality(otlp::AGGREGATION_TEMPORALITY_CUMULATIVE);
    for (const auto& histogram : metric.histograms) {
        auto& point = *data.add_data_points();
        point.set_start_time_unix_nano(span.from);
        point.set_time_unix_nano(span.until);
        point.set_count(
            std::accumulate(histogram.counts.begin(), histogram.counts.end(), std::uint64_t{0}));
        point.set_sum(histogram.sum);
        for (const auto count : histogram.counts) point.add_bucket_counts(count);
        for (const auto bound : metric.bounds) point.add_explicit_bounds(bound);
        add_attributes(histogram.attributes, point);
    }
}

void add_metric(const Metric& metric, Span span, otlp::ScopeMetrics& scope) {
    auto& message = *scope.add_metrics();
    message.set_name(metric.name);
    message.set_description(metric.description);
    message.set_unit(metric.unit);
    switch (metric.kind) {
        case MetricKind::gauge:
            add_numbers(metric, span, *message.mutable_gauge());
            break;
        case MetricKind::counter:
            message.mutable_sum()->set_is_monotonic(true);
            message.mutable_sum()->set_aggregation_temporality(
                otlp::AGGREGATION_TEMPORALITY_CUMULATIVE);
            add_numbers(metric, span, *message.mutable_sum());
            break;
        case MetricKind::histogram:
            add_histograms(metric, span, *message.mutable_histogram());
            break;
    }
}

}  // namespace

std::string encode_otlp(const Reporter& reporter, const std::vector<Metric>& metrics,
                        core::Timestamp now) {
    otlp::ExportMetricsServiceRequest request;
    auto& all = *request.add_resource_metrics();
    add_attributes({{"service.name", reporter.service_name},
                    {"service.version", reporter.service_version},
                    {"service.instance.id", reporter.instance_id}},
                   *all.mutable_resource());
    auto& scope = *all.add_scope_metrics();
    scope.mutable_scope()->set_name("rustbill");
    scope.mutable_scope()->set_version(reporter.service_version);
    const Span span{nanos(reporter.started_at), nanos(now)};
    for (const auto& metric : metrics) add_metric(metric, span, scope);
    return request.SerializeAsString();
}

Result<> check_otlp_answer(std::string_view body) {
    otlp::ExportMetricsServiceResponse answer;
    if (!answer.ParseFromArray(body.data(), static_cast<int>(body.size()))) {
        return Error{ErrorCode::failed_precondition, "the answer is none of OTLP's"};
    }
    if (answer.partial_success().rejected_data_points() == 0) return {};
    return Error{ErrorCode::failed_precondition,
                 "the collector rejected " +
                     std::to_string(answer.partial_success().rejected_data_points()) +
                     " data points: " + answer.partial_success().error_message()};
}

}  // namespace rb::telemetry
