// Time comes through this port, so that a test lives through three years of renewals in a second.

#pragma once

#include <chrono>

namespace rb::core {

// UTC, microseconds: what PostgreSQL's timestamptz keeps.
using Timestamp = std::chrono::sys_time<std::chrono::microseconds>;

class Clock {
public:
    virtual ~Clock() = default;
    // Thread-safe. May be set back by an operator: never used to measure a duration that matters.
    [[nodiscard]] virtual Timestamp now() const = 0;
};

}  // namespace rb::core
