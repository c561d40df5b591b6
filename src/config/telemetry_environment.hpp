// Where metrics go, by OpenTelemetry's own environment variables (its specification, "Environment
// variable specification"; operations manual 7.4). Off unless an endpoint is named.
//
//   OTEL_EXPORTER_OTLP_ENDPOINT            http://collector:4318, to which /v1/metrics is added
//   OTEL_EXPORTER_OTLP_METRICS_ENDPOINT    the whole URL; goes before the former
//   OTEL_EXPORTER_OTLP_HEADERS             name=value,name=value, percent-encoded
//   OTEL_EXPORTER_OTLP_TIMEOUT             milliseconds for one push
//   OTEL_METRIC_EXPORT_INTERVAL            milliseconds from one push to the next
//   OTEL_SERVICE_NAME                      who we are
//   OTEL_EXPORTER_OTLP_PROTOCOL            http/protobuf, the only one spoken
//   OTEL_METRICS_EXPORTER                  otlp or none
//   OTEL_SDK_DISABLED                      true: off
//
// HEADERS, TIMEOUT and PROTOCOL have a form for metrics alone, OTEL_EXPORTER_OTLP_METRICS_…, which
// goes before the general one.

#pragma once

#include "base/result.hpp"

#include "config/config.hpp"
#include "config/config_file.hpp"

namespace rb::config {

// ERRORS: invalid_argument  a variable's value cannot be used; the sentence names the variable and
//                           the rule, never the value of a header
Result<TelemetryConfig> telemetry_from(const Environment& environment);

}  // namespace rb::config
