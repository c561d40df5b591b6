// The bounds of metrics, with the reason for each.

#pragma once

#include <cstddef>

namespace rb::telemetry {

// What is read of a collector's answer: a status message fits; more is none of ours.
inline constexpr std::size_t otlp_answer_bytes_max = 64U << 10;

}  // namespace rb::telemetry
