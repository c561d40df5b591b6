// LogFilter: which records are written, by the grammar of RUST_LOG (operations manual 7.1).
//
//   RUST_LOG  = directive *( "," directive )
//   directive = level                e.g. "info"                         every target
//             / target "=" level     e.g. "rustbill_server::leader=debug"
//             / target               e.g. "rustbill_server"              as target=trace
//   level     = off / error / warn / info / debug / trace, in any case, or 0 to 5
//
// A target stands for all that begin with it; the longest that fits decides, whatever the order. A
// target that no directive fits is off, as operators know it. Span filters ("[...]") are not
// understood and reported.
//
// Immutable once made, so any thread may ask.

#pragma once

#include "core/ports/log.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rb::log {

class LogFilter {
public:
    // What RUST_LOG means; unset means "info", and so does one without a directive that can be
    // read. Directives that cannot are left out and listed in unreadable().
    static LogFilter parse(std::string_view text);

    [[nodiscard]] bool lets_pass(core::LogLevel level, std::string_view target) const;
    [[nodiscard]] const std::vector<std::string>& unreadable() const { return unreadable_; }

private:
    static constexpr int level_off = static_cast<int>(core::LogLevel::error) + 1;

    // nullopt when it is not a level.
    static std::optional<int> read_level(std::string_view text);

    struct Directive {
        std::string target;
        // The lowest level written, as a number; level_off writes none.
        int lowest = level_off;
    };
    void add(std::string_view directive);

    // Longest target first.
    std::vector<Directive> directives_;
    std::vector<std::string> unreadable_;
};

}  // namespace rb::log
