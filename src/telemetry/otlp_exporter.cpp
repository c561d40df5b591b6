#include "telemetry/otlp_exporter.hpp"

namespace rb::telemetry {
namespace {

constexpr std::string_view log_target = "rustbill_server::metrics";

// Without what may name a user: "http://name:password@collector/…" becomes "http://collector/…".
std::string without_user(const std::string& url) {
    const auto begin = url.find("://");
    if (begin == std::string::npos) return url;
    const auto host = begin + 3;
    const auto slash = url.find('/', host);
    const auto at = url.rfind('@', slash);
    if (at == std::string::npos || at < host) return url;
    return url.substr(0, host) + url.substr(at + 1);
}

}  // namespace

OtlpExporter::OtlpExporter(OtlpClientOptions options, Reporter reporter, const core::Clock& clock,
                           core::Log& log, Collect collect)
    : endpoint_(without_user(options.endpoint)),
      client_(std::move(options)),
      reporter_(std::move(reporter)),
      clock_(clock),
      log_(log),
      collect_(std::move(collect)) {}

void OtlpExporter::export_once(const std::stop_token& stop) {
    const auto pushed = client_.push(encode_otlp(reporter_, collect_(), clock_.now()), stop);
    if (stop.stop_requested()) return;
    if (pushed.has_error() == is_down_) return;
    is_down_ = pushed.has_error();
    if (is_down_) {
        log_.warn(log_target, "metrics cannot be delivered; trying again at each interval",
                  {{"endpoint", endpoint_}, {"error", pushed.error().message}});
    } else {
        log_.info(log_target, "metrics are delivered again", {{"endpoint", endpoint_}});
    }
}

}  // namespace rb::telemetry
