#include "config/telemetry_environment.hpp"

#include <gtest/gtest.h>

#include <map>

namespace rb::config {
namespace {

Result<TelemetryConfig> read(const std::map<std::string, std::string>& variables) {
    return telemetry_from([&](const char* name) -> std::optional<std::string> {
        const auto found = variables.find(name);
        if (found == variables.end()) return std::nullopt;
        return found->second;
    });
}

TEST(TelemetryEnvironment, is_off_without_an_endpoint_or_when_told_so) {
    EXPECT_EQ(read({})->metrics_endpoint, "");
    // What concerns an export that does not happen cannot stop a start.
    EXPECT_EQ(read({{"OTEL_METRIC_EXPORT_INTERVAL", "x"}})->metrics_endpoint, "");
    const std::string endpoint = "http://127.0.0.1:4318";
    EXPECT_EQ(read({{"OTEL_EXPORTER_OTLP_ENDPOINT", endpoint}, {"OTEL_SDK_DISABLED", "true"}})
                  ->metrics_endpoint,
              "");
    EXPECT_EQ(read({{"OTEL_EXPORTER_OTLP_ENDPOINT", endpoint}, {"OTEL_METRICS_EXPORTER", "none"}})
                  ->metrics_endpoint,
              "");
}

TEST(TelemetryEnvironment, adds_the_path_to_the_general_endpoint_only) {
    EXPECT_EQ(read({{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4318"}})->metrics_endpoint,
              "http://c:4318/v1/metrics");
    EXPECT_EQ(read({{"OTEL_EXPORTER_OTLP_ENDPOINT", "https://c/otlp/"}})->metrics_endpoint,
              "https://c/otlp/v1/metrics");
    EXPECT_EQ(read({{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4318"},
                    {"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "http://m:9/api"}})
                  ->metrics_endpoint,
              "http://m:9/api");
}

TEST(TelemetryEnvironment, has_the_specifications_defaults) {
    const auto telemetry = *read({{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4318"}});
    EXPECT_EQ(telemetry.interval_ms, 60'000);
    EXPECT_EQ(telemetry.timeout_ms, 10'000);
    EXPECT_EQ(telemetry.service_name, "rustbill-server");
    EXPECT_TRUE(telemetry.headers.empty());
}

TEST(TelemetryEnvironment, reads_headers_and_prefers_those_for_metrics) {
    const auto telemetry = *read(
        {{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4318"},
         {"OTEL_EXPORTER_OTLP_HEADERS", "a=b"},
         {"OTEL_EXPORTER_OTLP_METRICS_HEADERS", " authorization=Bearer%20x%3D , tenant=shop,"}});
    ASSERT_EQ(telemetry.headers.size(), 2U);
    EXPECT_EQ(telemetry.headers[0],
              std::pair(std::string("authorization"), std::string("Bearer x=")));
    EXPECT_EQ(telemetry.headers[1].second, "shop");
}

TEST(TelemetryEnvironment, names_the_variable_and_the_rule) {
    struct Case {
        std::string name;
        std::string value;
        std::string rule;
    };
    const std::string endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";
    for (const auto& [name, value, rule] : std::vector<Case>{
             {endpoint, "collector:4318", "must be a URL"},
             {endpoint, "http://", "must be a URL"},
             {endpoint, "http://c:4318 x", "must be a URL"},
             {"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "ftp://c", "must be a URL"},
             {"OTEL_EXPORTER_OTLP_PROTOCOL", "grpc", "must be http/protobuf"},
             {"OTEL_METRICS_EXPORTER", "prometheus", "must be otlp or none"},
             {"OTEL_METRIC_EXPORT_INTERVAL", "99", "from 100 to 86400000"},
             {"OTEL_METRIC_EXPORT_INTERVAL", "1s", "must be an integer"},
             {"OTEL_EXPORTER_OTLP_TIMEOUT", "0", "from 1 to 600000"},
             {"OTEL_EXPORTER_OTLP_HEADERS", "no-equals-sign", "must be name=value"},
             {"OTEL_EXPORTER_OTLP_HEADERS", "key=%0d%0aX: hunter2", "must be name=value"},
             {"OTEL_SERVICE_NAME", std::string(256, 'x'), "at most 255"}}) {
        std::map<std::string, std::string> variables{{endpoint, "http://c:4318"}};
        variables[name] = value;
        const auto telemetry = read(variables);
        ASSERT_TRUE(telemetry.has_error()) << name << "=" << value;
        EXPECT_TRUE(telemetry.error().message.starts_with(name + " ")) << telemetry.error().message;
        EXPECT_NE(telemetry.error().message.find(rule), std::string::npos)
            << telemetry.error().message;
        EXPECT_EQ(telemetry.error().message.find("hunter2"), std::string::npos);
    }
    EXPECT_TRUE(read({{endpoint, "http://c"}, {"OTEL_METRIC_EXPORT_INTERVAL", "100"}}).has_value());
    EXPECT_TRUE(
        read({{endpoint, "http://c"}, {"OTEL_SERVICE_NAME", std::string(255, 'x')}}).has_value());
}

}  // namespace
}  // namespace rb::config
