// StreamLog: the log of the process, on standard output, where systemd and containers pick it up.
//
// RUST_LOG chooses what is written (log_filter.hpp), RUST_LOG_FORMAT=json the form; text is
// coloured on a terminal unless NO_COLOR is set.

#pragma once

#include "core/ports/clock.hpp"
#include "core/ports/log.hpp"

#include "log/log_filter.hpp"
#include "log/log_format.hpp"

#include <memory>
#include <string>
#include <vector>

namespace spdlog::sinks {
class sink;
}

namespace rb::log {

enum class LogFormat { text, json };

struct LogOptions {
    // The value of RUST_LOG; empty when it is not set.
    std::string filter;
    LogFormat format = LogFormat::text;
    Colour colour = Colour::off;

    // From RUST_LOG, RUST_LOG_FORMAT, NO_COLOR and what standard output is.
    static LogOptions from_environment();
};

class StreamLog final : public core::Log {
public:
    // Writes to standard output. `clock` must outlive the log.
    StreamLog(const LogOptions& options, const core::Clock& clock);
    // Writes to `sink` instead.
    StreamLog(const LogOptions& options, const core::Clock& clock,
              std::shared_ptr<spdlog::sinks::sink> sink);
    ~StreamLog() override;

    [[nodiscard]] bool is_on(core::LogLevel level, std::string_view target) const override;
    void write(core::LogLevel level, std::string_view target, std::string_view message,
               core::LogFields fields) override;
    // Directives of RUST_LOG that could not be read.
    [[nodiscard]] const std::vector<std::string>& unreadable_directives() const {
        return filter_.unreadable();
    }

private:
    const LogFilter filter_;
    const LogFormat format_;
    const Colour colour_;
    const core::Clock& clock_;
    const std::shared_ptr<spdlog::sinks::sink> sink_;
};

}  // namespace rb::log
