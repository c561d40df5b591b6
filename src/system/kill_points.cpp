#include "system/kill_points.hpp"

#include <charconv>
#include <csignal>
#include <cstdlib>
#include <fstream>

namespace rb::system {

std::unique_ptr<core::FaultPoint> KillPoints::from_environment() {
    const char* kill_at = std::getenv("RB_KILL_AT");
    const char* trace = std::getenv("RB_KILL_TRACE");
    if (kill_at == nullptr && trace == nullptr) return std::make_unique<core::NoFaultPoint>();
    return std::make_unique<KillPoints>(kill_at == nullptr ? "" : kill_at,
                                        trace == nullptr ? "" : trace);
}

KillPoints::KillPoints(const std::string& kill_at, std::string trace_file)
    : name_(kill_at.substr(0, kill_at.find('#'))), trace_file_(std::move(trace_file)) {
    const auto mark = kill_at.find('#');
    if (mark == std::string::npos) return;
    const char* end = kill_at.data() + kill_at.size();
    std::from_chars(kill_at.data() + mark + 1, end, countdown_);
}

void KillPoints::reached(std::string_view name) {
    const std::lock_guard lock(mutex_);
    if (!trace_file_.empty() && traced_.emplace(name).second) {
        std::ofstream(trace_file_, std::ios::app) << name << '\n';
    }
    // SIGKILL and not abort(): nothing may be flushed, closed or answered on the way out.
    if (!name_.empty() && name == name_ && --countdown_ == 0) std::raise(SIGKILL);
}

}  // namespace rb::system
