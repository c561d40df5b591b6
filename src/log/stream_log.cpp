#include "log/stream_log.hpp"

#include "log/log_context.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <unistd.h>

#include <cstdlib>
#include <string_view>

namespace rb::log {

namespace {

spdlog::level::level_enum spdlog_level(core::LogLevel level) {
    switch (level) {
        case core::LogLevel::trace:
            return spdlog::level::trace;
        case core::LogLevel::debug:
            return spdlog::level::debug;
        case core::LogLevel::info:
            return spdlog::level::info;
        case core::LogLevel::warn:
            return spdlog::level::warn;
        case core::LogLevel::error:
            return spdlog::level::err;
    }
    return spdlog::level::err;
}

std::string_view variable(const char* name) {
    const auto* value = std::getenv(name);
    return value == nullptr ? std::string_view() : std::string_view(value);
}

}  // namespace

LogOptions LogOptions::from_environment() {
    const bool on_terminal = ::isatty(STDOUT_FILENO) == 1 && variable("NO_COLOR").empty();
    return {.filter = std::string(variable("RUST_LOG")),
            .format = variable("RUST_LOG_FORMAT") == "json" ? LogFormat::json : LogFormat::text,
            .colour = on_terminal ? Colour::on : Colour::off};
}

StreamLog::StreamLog(const LogOptions& options, const core::Clock& clock)
    : StreamLog(options, clock, std::make_shared<spdlog::sinks::stdout_sink_mt>()) {}

StreamLog::StreamLog(const LogOptions& options, const core::Clock& clock,
                     std::shared_ptr<spdlog::sinks::sink> sink)
    : filter_(LogFilter::parse(options.filter)),
      format_(options.format),
      colour_(options.colour),
      clock_(clock),
      sink_(std::move(sink)) {
    // The line is ours from the first character to the last.
    sink_->set_pattern("%v");
}

StreamLog::~StreamLog() = default;

bool StreamLog::is_on(core::LogLevel level, std::string_view target) const {
    return filter_.lets_pass(level, target);
}

void StreamLog::write(core::LogLevel level, std::string_view target, std::string_view message,
                      core::LogFields fields) {
    if (!is_on(level, target)) return;
    const LogRecord record{.time = clock_.now(),
                           .level = level,
                           .target = target,
                           .message = message,
                           .fields = fields,
                           .context = current_log_context()};
    try {
        const auto line =
            format_ == LogFormat::json ? format_json(record) : format_text(record, colour_);
        sink_->log({"", spdlog_level(level), line});
        // Lines are few and each may be the last before a crash.
        sink_->flush();
    } catch (const std::exception&) {
        // The sink throws when standard output is gone. Losing the line is the promise of the
        // port; the work it spoke of goes on.
    }
}

}  // namespace rb::log
