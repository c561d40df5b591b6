// OtlpClient: posts encoded metrics to a collector, over HTTP or HTTPS with libcurl (OTLP/HTTP,
// binary protobuf). One thread. The connection is kept from one push to the next.

#pragma once

#include "base/result.hpp"

#include <chrono>
#include <memory>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

namespace rb::telemetry {

struct OtlpClientOptions {
    // "http://collector:4318/v1/metrics"
    std::string endpoint;
    // Sent with each push, as OTEL_EXPORTER_OTLP_HEADERS has them; may hold credentials.
    std::vector<std::pair<std::string, std::string>> headers = {};
    // Of one push as a whole.
    std::chrono::milliseconds timeout{10'000};
};

class OtlpClient {
public:
    explicit OtlpClient(OtlpClientOptions options);
    ~OtlpClient();
    OtlpClient(const OtlpClient&) = delete;
    OtlpClient& operator=(const OtlpClient&) = delete;

    // Ends at once when `stop` is requested. The errors name no header.
    // ERRORS: unavailable          nobody answered in time, or 429, 502, 503 or 504
    //         failed_precondition  any other answer but 200, or not all of it was taken
    Result<> push(const std::string& body, const std::stop_token& stop);

private:
    struct Handle;
    const OtlpClientOptions options_;
    std::unique_ptr<Handle> handle_;
};

}  // namespace rb::telemetry
