#include "server/workers/presence.hpp"

#include "core/event/event_store.hpp"

#include "server/limits.hpp"
#include "server/version.hpp"

#include <unistd.h>

#include <array>

namespace rb::server {

namespace {

constexpr std::string_view heartbeat_log_target = "rustbill_server::heartbeat";

struct StruckOff {
    std::int64_t servers = 0;
    std::int64_t events = 0;
};

std::string hostname() {
    std::array<char, 256> name{};
    if (::gethostname(name.data(), name.size() - 1) != 0) return "unknown";
    return name.data();
}

}  // namespace

Presence::Presence(Ports ports, core::NodeId node, std::string address)
    : ports_(ports),
      node_{.id = node,
            .hostname = hostname(),
            .pid = ::getpid(),
            .address = std::move(address),
            .version = version,
            .started_at = ports.clock.now()} {}

Result<> Presence::beat() {
    const auto struck_off = TRY(core::in_transaction(
        ports_.database, "heartbeat", [&](core::UnitOfWork& unit) -> Result<StruckOff> {
            TRY(unit.nodes().beat(node_));
            const auto dead = TRY(unit.nodes().remove_silent(limits::heartbeat_silence_max));
            if (dead.empty()) return StruckOff{};
            return StruckOff{.servers = static_cast<std::int64_t>(dead.size()),
                             .events = TRY(unit.events().release_leases_of(dead))};
        }));
    ports_.log.trace(heartbeat_log_target, "heartbeat", {{"node", node_.id.to_string()}});
    if (struck_off.servers > 0) {
        ports_.log.info(heartbeat_log_target, "silent servers struck off",
                        {{"count", struck_off.servers}, {"events_freed", struck_off.events}});
    }
    return {};
}

Result<> Presence::leave() {
    return core::in_transaction(ports_.database, "leave", [&](core::UnitOfWork& unit) {
        return unit.nodes().remove(node_.id);
    });
}

}  // namespace rb::server
