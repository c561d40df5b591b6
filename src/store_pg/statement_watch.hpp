// StatementWatch: writes slow statements to the log (WARN) and failed ones (DEBUG; what a failure
// means is for the use case to say). The log adds the request id of the call that runs on this
// thread, so a request can be followed from the edge to its SQL without a round trip or a comment
// in the statement, which would defeat prepared statements. Parameters are never written.

#pragma once

#include "base/result.hpp"

#include "core/ports/log.hpp"

#include <chrono>
#include <string_view>

namespace rb::store_pg {

class StatementWatch {
public:
    // nullptr: nothing is written. `slow` of zero: nothing counts as slow.
    StatementWatch(core::Log* log, std::chrono::milliseconds slow) : log_(log), slow_(slow) {}

    // Runs `work`, which returns a Result, and reports on it under the statement's name.
    template <typename Work>
    auto watch(std::string_view statement, Work work) const {
        if (log_ == nullptr) return work();
        const auto begun = std::chrono::steady_clock::now();
        auto result = work();
        const auto took = std::chrono::steady_clock::now() - begun;
        if (slow_.count() > 0 && took >= slow_) report_slow(statement, took);
        if (result.has_error()) report_failure(statement, result.error());
        return result;
    }

private:
    static constexpr std::string_view target = "rustbill_store_pg::statement";

    void report_slow(std::string_view statement, std::chrono::steady_clock::duration took) const {
        const auto millis = std::chrono::duration_cast<std::chrono::milliseconds>(took);
        log_->warn(target, "slow statement",
                   {{"statement", statement}, {"elapsed_ms", millis.count()}});
    }
    void report_failure(std::string_view statement, const Error& error) const {
        log_->debug(target, "statement failed",
                    {{"statement", statement}, {"reason", reason_of(error.code)}});
    }

    core::Log* log_;
    std::chrono::milliseconds slow_;
};

}  // namespace rb::store_pg
