// More twins of the small ports, beside twins.hpp: a digest that is none, a log that remembers,
// fault points that kill.

#pragma once

#include "core/ports/digester.hpp"
#include "core/ports/fault_point.hpp"
#include "core/ports/log.hpp"

#include <mutex>
#include <string>
#include <vector>

namespace rb::test {

// Not SHA-256: the bytes themselves, folded. Enough to tell two requests apart.
class FoldingDigester final : public core::Digester {
public:
    [[nodiscard]] core::Digest sha256(std::string_view bytes) const override;
    [[nodiscard]] core::Digest keyed(std::string_view bytes) const override {
        return sha256(bytes);
    }
};

// Keeps what was said, for tests that ask whether it was said loudly. Thread-safe.
class RememberingLog final : public core::Log {
public:
    [[nodiscard]] bool is_on(core::LogLevel, std::string_view) const override { return true; }
    void write(core::LogLevel level, std::string_view target, std::string_view message,
               core::LogFields fields) override;
    [[nodiscard]] int count(core::LogLevel level) const;
    [[nodiscard]] std::string text() const;

private:
    mutable std::mutex mutex_;
    std::vector<std::pair<core::LogLevel, std::string>> lines_;
};

// Thrown where a test kills the process: everything on the stack is lost, the database is not.
struct Killed {
    std::string point;
};

// Throws Killed at the named point, once, and remembers all points that were reached. Any number of
// threads may reach one; the rest is for the test's own.
class KillingFaults final : public core::FaultPoint {
public:
    void kill_at(std::string name) { armed_ = std::move(name); }
    void reached(std::string_view name) override {
        const std::lock_guard lock(mutex_);
        seen_.emplace_back(name);
        if (name != armed_) return;
        armed_.clear();
        throw Killed{std::string(name)};
    }
    [[nodiscard]] const std::vector<std::string>& seen() const { return seen_; }
    void forget() { seen_.clear(); }

private:
    std::mutex mutex_;
    std::string armed_;
    std::vector<std::string> seen_;
};

}  // namespace rb::test
