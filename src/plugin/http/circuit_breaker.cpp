#include "plugin/http/circuit_breaker.hpp"

#include "plugin/limits.hpp"

#include <utility>

namespace rb::plugin {

namespace {

constexpr std::string_view log_target = "rustbill_server::circuit_breaker";

std::string_view word_of(CircuitState state) {
    switch (state) {
        case CircuitState::closed:
            return "closed";
        case CircuitState::open:
            return "open";
        case CircuitState::half_open:
            return "half_open";
    }
    return {};
}

}  // namespace

CircuitBreaker::CircuitBreaker(core::Log& log, Now now) : log_(log), now_(std::move(now)) {}

bool CircuitBreaker::admit(const std::string& host) {
    const std::lock_guard lock(mutex_);
    if (!circuits_.contains(host) && circuits_.size() >= breaker_hosts_max) forget_one();
    auto& circuit = circuits_[host];
    circuit.used_at = now_();
    if (circuit.state == CircuitState::closed) return true;
    if (circuit.state == CircuitState::open) {
        if (circuit.used_at - circuit.opened_at < breaker_open_for) return false;
        change(host, circuit, CircuitState::half_open);
    }
    if (circuit.probe_is_out) return false;
    circuit.probe_is_out = true;
    return true;
}

void CircuitBreaker::succeeded(const std::string& host) {
    const std::lock_guard lock(mutex_);
    const auto found = circuits_.find(host);
    if (found == circuits_.end()) return;
    found->second.failures = 0;
    found->second.probe_is_out = false;
    if (found->second.state != CircuitState::closed) {
        change(host, found->second, CircuitState::closed);
    }
}

void CircuitBreaker::failed(const std::string& host) {
    const std::lock_guard lock(mutex_);
    const auto found = circuits_.find(host);
    if (found == circuits_.end()) return;
    auto& circuit = found->second;
    circuit.probe_is_out = false;
    ++circuit.failures;
    const bool opens =
        circuit.state == CircuitState::half_open ||
        (circuit.state == CircuitState::closed && circuit.failures >= breaker_failures_max);
    if (!opens) return;
    circuit.opened_at = now_();
    change(host, circuit, CircuitState::open);
}

void CircuitBreaker::abandoned(const std::string& host) {
    const std::lock_guard lock(mutex_);
    const auto found = circuits_.find(host);
    if (found != circuits_.end()) found->second.probe_is_out = false;
}

CircuitState CircuitBreaker::state_of(const std::string& host) const {
    const std::lock_guard lock(mutex_);
    const auto found = circuits_.find(host);
    return found == circuits_.end() ? CircuitState::closed : found->second.state;
}

std::size_t CircuitBreaker::hosts() const {
    const std::lock_guard lock(mutex_);
    return circuits_.size();
}

std::map<std::string, CircuitState> CircuitBreaker::states() const {
    const std::lock_guard lock(mutex_);
    std::map<std::string, CircuitState> states;
    for (const auto& [host, circuit] : circuits_) states.emplace(host, circuit.state);
    return states;
}

void CircuitBreaker::change(const std::string& host, Circuit& circuit, CircuitState state) {
    log_.warn(log_target, "circuit changed",
              {{"host", host},
               {"from", word_of(circuit.state)},
               {"to", word_of(state)},
               {"failures", circuit.failures}});
    circuit.state = state;
}

void CircuitBreaker::forget_one() {
    auto oldest = circuits_.end();
    // Open circuits go last: forgetting one would let calls out again.
    const auto rank = [](const Circuit& circuit) {
        return std::pair(circuit.state != CircuitState::closed, circuit.used_at);
    };
    for (auto it = circuits_.begin(); it != circuits_.end(); ++it) {
        if (oldest == circuits_.end() || rank(it->second) < rank(oldest->second)) oldest = it;
    }
    circuits_.erase(oldest);
}

}  // namespace rb::plugin
