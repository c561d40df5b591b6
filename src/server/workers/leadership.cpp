#include "server/workers/leadership.hpp"

#include "server/limits.hpp"

#include <array>

namespace rb::server {

namespace {

constexpr std::string_view leader_log_target = "rustbill_server::leader";
// The role `migration` is the migration runner's.
constexpr std::array roles = {core::LeaderRole::events, core::LeaderRole::billing};

}  // namespace

Result<> Leadership::take_or_renew() {
    for (const auto role : roles) TRY(take_or_renew(role));
    return {};
}

Result<> Leadership::take_or_renew(core::LeaderRole role) {
    const auto now = ports_.clock.now();
    const auto term = TRY(core::in_transaction(
        ports_.database, "take_lease",
        [&](core::UnitOfWork& unit) -> Result<std::optional<std::int64_t>> {
            return unit.leases().take(role, node_, now, limits::lease_duration);
        }));
    note(role, term.has_value(), now + limits::lease_duration, term.value_or(0));
    return {};
}

void Leadership::note(core::LeaderRole role, bool is_ours, core::Timestamp until,
                      std::int64_t term) {
    bool was_ours = false;
    {
        const std::lock_guard lock(mutex_);
        const auto held = held_.find(role);
        was_ours = held != held_.end() && held->second.term == term;
        if (is_ours) {
            held_[role] = {until, term};
        } else {
            was_ours = held_.erase(role) > 0;
        }
    }
    if (!is_ours && !was_ours) return;
    const auto* what = !is_ours   ? "leader role lost"
                       : was_ours ? "leader role renewed"
                                  : "leader elected";
    ports_.log.info(leader_log_target, what, {{"role", core::name_of(role)}, {"term", term}});
}

bool Leadership::leads(core::LeaderRole role) const {
    const auto now = ports_.clock.now();
    const std::lock_guard lock(mutex_);
    const auto held = held_.find(role);
    return held != held_.end() && now < held->second.until;
}

Result<> Leadership::release_all() {
    std::map<core::LeaderRole, Held> held;
    {
        const std::lock_guard lock(mutex_);
        held.swap(held_);
    }
    for (const auto& [role, lease] : held) {
        TRY(core::in_transaction(ports_.database, "release_lease",
                                 [&, role = role](core::UnitOfWork& unit) {
                                     return unit.leases().release(role, node_);
                                 }));
        ports_.log.info(leader_log_target, "leader role released", {{"role", core::name_of(role)}});
    }
    return {};
}

}  // namespace rb::server
