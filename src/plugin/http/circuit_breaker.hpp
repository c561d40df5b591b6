// A circuit breaker per host (operations manual 7.3, 12.3: each server keeps its own).
//
//   closed     calls go out; breaker_failures_max failures in a row open it
//   open       calls are turned away until breaker_open_for has passed
//   half_open  one probe is out; its success closes the circuit, its failure opens it again
//
// Every change of state is a WARN record. Thread-safe.

#pragma once

#include "core/ports/log.hpp"

#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace rb::plugin {

enum class CircuitState { closed, open, half_open };

class CircuitBreaker {
public:
    using TimePoint = std::chrono::steady_clock::time_point;
    using Now = std::function<TimePoint()>;

    // `log` must outlive the breaker.
    explicit CircuitBreaker(core::Log& log, Now now = std::chrono::steady_clock::now);

    // Whether a call to the host may go out. A `true` must be followed by succeeded() or failed(),
    // or by abandoned() when nothing was learned about the host.
    bool admit(const std::string& host);
    void succeeded(const std::string& host);
    void failed(const std::string& host);
    void abandoned(const std::string& host);

    [[nodiscard]] CircuitState state_of(const std::string& host) const;
    [[nodiscard]] std::size_t hosts() const;
    // All hosts that are remembered.
    [[nodiscard]] std::map<std::string, CircuitState> states() const;

private:
    struct Circuit {
        CircuitState state = CircuitState::closed;
        int failures = 0;
        TimePoint opened_at{};
        TimePoint used_at{};
        bool probe_is_out = false;
    };
    void change(const std::string& host, Circuit& circuit, CircuitState state);
    void forget_one();

    core::Log& log_;
    Now now_;
    mutable std::mutex mutex_;
    // Guarded by mutex_.
    std::map<std::string, Circuit> circuits_;
};

}  // namespace rb::plugin
