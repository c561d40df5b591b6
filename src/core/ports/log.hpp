// The log, for layers that have something an operator must read (operations manual 7).
//
// A target names the speaking module the way RUST_LOG filters name it:
// "rustbill_server::plugin_scanner". What the implementation knows of the call that runs on this
// thread (request id, caller) it adds by itself, so nobody passes those along.
//
// Thread-safe. Never fails and never throws: a log that cannot be written is lost, the work is not.
//
// Fields hold no secret: not a password, token, key, cookie or connection string. The
// implementation also blanks what looks like one, but do not lean on it.

#pragma once

#include <concepts>
#include <initializer_list>
#include <string>
#include <string_view>

namespace rb::core {

enum class LogLevel { trace, debug, info, warn, error };

struct LogField {
    LogField(std::string_view field_name, std::string_view text) : name(field_name), value(text) {}
    LogField(std::string_view field_name, const char* text) : name(field_name), value(text) {}
    LogField(std::string_view field_name, bool flag)
        : name(field_name), value(flag ? "true" : "false"), is_bare(true) {}
    template <std::integral Number>
    requires(!std::same_as<Number, bool> && !std::same_as<Number, char>)
        LogField(std::string_view field_name, Number number)
        : name(field_name), value(std::to_string(number)), is_bare(true) {}

    std::string_view name;
    std::string value;
    // A number or a truth value: stands in JSON without quotes.
    bool is_bare = false;
};

using LogFields = std::initializer_list<LogField>;

class Log {
public:
    virtual ~Log() = default;

    // Whether a record would be written: for records that cost something to make.
    [[nodiscard]] virtual bool is_on(LogLevel level, std::string_view target) const = 0;
    virtual void write(LogLevel level, std::string_view target, std::string_view message,
                       LogFields fields) = 0;

    void trace(std::string_view target, std::string_view message, LogFields fields = {}) {
        write(LogLevel::trace, target, message, fields);
    }
    void debug(std::string_view target, std::string_view message, LogFields fields = {}) {
        write(LogLevel::debug, target, message, fields);
    }
    void info(std::string_view target, std::string_view message, LogFields fields = {}) {
        write(LogLevel::info, target, message, fields);
    }
    void warn(std::string_view target, std::string_view message, LogFields fields = {}) {
        write(LogLevel::warn, target, message, fields);
    }
    void error(std::string_view target, std::string_view message, LogFields fields = {}) {
        write(LogLevel::error, target, message, fields);
    }
};

// Says nothing: for tests, and for tools that print their own results.
class SilentLog final : public Log {
public:
    [[nodiscard]] bool is_on(LogLevel, std::string_view) const override { return false; }
    void write(LogLevel, std::string_view, std::string_view, LogFields) override {}
};

}  // namespace rb::core
