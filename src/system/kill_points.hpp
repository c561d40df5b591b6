// KillPoints: ends this process at a named fault point, as a power cut would, so that a test can
// look at what is left. Asked for by the environment of one process; nothing of it is
// configuration.
//
//     RB_KILL_AT=before:pay_order     at the first time the point is reached
//     RB_KILL_AT=after:pay_order#3    at the third
//     RB_KILL_TRACE=<file>            each point's name is appended when it is first reached
//
// Thread-safety: reached() may be called from any thread.

#pragma once

#include "core/ports/fault_point.hpp"

#include <cstdint>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

namespace rb::system {

class KillPoints final : public core::FaultPoint {
public:
    // Without RB_KILL_AT and RB_KILL_TRACE: a fault point that does nothing.
    static std::unique_ptr<core::FaultPoint> from_environment();

    // `kill_at` is "<name>" or "<name>#<count from 1>"; either argument may be empty.
    KillPoints(const std::string& kill_at, std::string trace_file);

    void reached(std::string_view name) override;

private:
    std::string name_;
    std::uint64_t countdown_ = 1;  // protected by mutex_ from here on
    std::string trace_file_;
    std::set<std::string, std::less<>> traced_;
    std::mutex mutex_;
};

}  // namespace rb::system
