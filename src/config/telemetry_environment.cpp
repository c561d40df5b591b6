#include "config/telemetry_environment.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>

namespace rb::config {
namespace {

constexpr std::size_t service_name_bytes_max = 255;
constexpr std::size_t headers_max = 32;
// More often would measure the measuring; less often than daily is a mistake.
constexpr std::int64_t interval_ms_min = 100;
constexpr std::int64_t interval_ms_max = 86'400'000;
constexpr std::int64_t timeout_ms_max = 600'000;

Error refused(const std::string& variable, const std::string& rule) {
    return {ErrorCode::invalid_argument, variable + " " + rule};
}

struct Variable {
    std::string name;
    std::optional<std::string> value;
};

// The form for metrics alone, else the general one.
Variable exporter_variable(const Environment& environment, const std::string& what) {
    const auto own = "OTEL_EXPORTER_OTLP_METRICS_" + what;
    if (auto value = environment(own.c_str())) return {own, std::move(value)};
    const auto general = "OTEL_EXPORTER_OTLP_" + what;
    return {general, environment(general.c_str())};
}

Result<std::int64_t> milliseconds(const Variable& variable, std::int64_t otherwise,
                                  std::int64_t min, std::int64_t max) {
    if (!variable.value) return otherwise;
    const auto& text = *variable.value;
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value < min || value > max) {
        return refused(variable.name, "must be an integer of milliseconds from " +
                                          std::to_string(min) + " to " + std::to_string(max));
    }
    return value;
}

Result<std::string> endpoint_from(const Environment& environment) {
    Variable variable{"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", {}};
    variable.value = environment(variable.name.c_str());
    std::string url;
    if (variable.value) {
        url = *variable.value;
    } else {
        variable.name = "OTEL_EXPORTER_OTLP_ENDPOINT";
        variable.value = environment(variable.name.c_str());
        if (!variable.value) return std::string();
        url = *variable.value;
        while (url.ends_with('/')) url.pop_back();
        url += "/v1/metrics";
    }
    const bool is_http = url.starts_with("http://") || url.starts_with("https://");
    const auto host = url.substr(std::min(url.find("://") + 3, url.size()));
    const bool has_host = !host.empty() && host.front() != '/';
    const bool is_clean = std::ranges::all_of(url, [](char c) { return c > ' ' && c < 127; });
    if (!is_http || !has_host || !is_clean) {
        return refused(variable.name, "must be a URL such as http://127.0.0.1:4318");
    }
    return url;
}

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// Nothing when an escape is none, or stands for what no header may hold.
std::optional<std::string> percent_decoded(std::string_view text) {
    std::string decoded;
    for (std::size_t i = 0; i < text.size(); ++i) {
        unsigned value = static_cast<unsigned char>(text[i]);
        if (text[i] == '%') {
            if (i + 2 >= text.size()) return std::nullopt;
            const auto* from = text.data() + i + 1;
            const auto [end, error] = std::from_chars(from, from + 2, value, 16);
            if (error != std::errc() || end != from + 2) return std::nullopt;
            i += 2;
        }
        if (value < ' ' || value == 127) return std::nullopt;
        decoded += static_cast<char>(value);
    }
    return decoded;
}

bool is_header_name(std::string_view name) {
    return !name.empty() && std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '_' || c == '.';
    });
}

Result<std::vector<std::pair<std::string, std::string>>> headers_from(const Variable& variable) {
    std::vector<std::pair<std::string, std::string>> headers;
    std::string_view rest = variable.value ? std::string_view(*variable.value) : "";
    while (!rest.empty()) {
        const auto comma = rest.find(',');
        const auto one = trimmed(rest.substr(0, comma));
        rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 1);
        if (one.empty()) continue;
        const auto equals = one.find('=');
        const auto name = trimmed(one.substr(0, equals));
        const auto value = equals == std::string_view::npos
                               ? std::nullopt
                               : percent_decoded(trimmed(one.substr(equals + 1)));
        if (!is_header_name(name) || !value || headers.size() == headers_max) {
            return refused(variable.name,
                           "must be name=value,name=value, percent-encoded, at most " +
                               std::to_string(headers_max));
        }
        headers.emplace_back(name, *value);
    }
    return headers;
}

// OTEL_SDK_DISABLED and OTEL_METRICS_EXPORTER.
Result<bool> is_switched_off(const Environment& environment) {
    const auto disabled = environment("OTEL_SDK_DISABLED");
    if (disabled && (*disabled == "true" || *disabled == "TRUE" || *disabled == "True"))
        return true;
    const auto exporter = environment("OTEL_METRICS_EXPORTER");
    if (exporter && *exporter != "otlp" && *exporter != "none") {
        return refused("OTEL_METRICS_EXPORTER", "must be otlp or none");
    }
    return exporter && *exporter == "none";
}

}  // namespace

Result<TelemetryConfig> telemetry_from(const Environment& environment) {
    TelemetryConfig telemetry;
    if (TRY(is_switched_off(environment))) return telemetry;
    telemetry.metrics_endpoint = TRY(endpoint_from(environment));
    if (telemetry.metrics_endpoint.empty()) return telemetry;
    const auto protocol = exporter_variable(environment, "PROTOCOL");
    if (protocol.value && *protocol.value != "http/protobuf") {
        return refused(protocol.name, "must be http/protobuf, the only protocol spoken");
    }
    telemetry.headers = TRY(headers_from(exporter_variable(environment, "HEADERS")));
    telemetry.timeout_ms = TRY(milliseconds(exporter_variable(environment, "TIMEOUT"),
                                            telemetry.timeout_ms, 1, timeout_ms_max));
    telemetry.interval_ms = TRY(
        milliseconds({"OTEL_METRIC_EXPORT_INTERVAL", environment("OTEL_METRIC_EXPORT_INTERVAL")},
                     telemetry.interval_ms, interval_ms_min, interval_ms_max));
    if (auto name = environment("OTEL_SERVICE_NAME")) telemetry.service_name = std::move(*name);
    if (telemetry.service_name.size() > service_name_bytes_max) {
        return refused("OTEL_SERVICE_NAME",
                       "must be at most " + std::to_string(service_name_bytes_max) + " bytes long");
    }
    return telemetry;
}

}  // namespace rb::config
