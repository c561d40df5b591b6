// Metrics as the body of OTLP's POST /v1/metrics, and the answer to it (proto/telemetry).

#pragma once

#include "base/result.hpp"

#include "core/ports/clock.hpp"

#include "telemetry/metric.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace rb::telemetry {

// Who reports: the resource's attributes, and the scope all our metrics are in.
struct Reporter {
    std::string service_name;
    std::string service_version;
    // Tells the servers on one database apart.
    std::string instance_id;
    core::Timestamp started_at = {};
};

std::string encode_otlp(const Reporter& reporter, const std::vector<Metric>& metrics,
                        core::Timestamp now);

// What a collector answered with 200 said.
// ERRORS: failed_precondition  it did not take all points; or the answer is none of OTLP's
Result<> check_otlp_answer(std::string_view body);

}  // namespace rb::telemetry
