#include "core/instance/orphan_sweep.hpp"

#include "core/instance/limits.hpp"
#include "core/instance/orphan_store.hpp"
#include "core/notification/notice.hpp"
#include "core/operation_log/operation_log.hpp"

#include <vector>

namespace rb::core {
namespace {

constexpr std::string_view orphan_log_target = "rustbill_server::orphan_sweep";

std::string opened_for(const Orphan& orphan) {
    return orphan.opened_for ? orphan.opened_for->to_string() : "?";
}

Notice notice_of(const Orphan& orphan) {
    return {.which = NotificationTemplate::server_orphaned,
            .subject = orphan.id,
            .to_operator = true,
            .values = {{"provider_id", orphan.provider_id},
                       {"server", orphan.provider_instance_id},
                       {"state", std::string(name_of(orphan.state))},
                       {"opened_for", opened_for(orphan)}}};
}

}  // namespace

Result<OrphanReport> OrphanSweep::run_once() {
    OrphanReport report;
    std::vector<std::string> swept;
    for (const auto& provider : ports_.plugins.providers()) {
        if (!provider->capabilities().contains(ProviderCapability::list)) continue;
        swept.push_back(provider->id());
        const auto told = sweep(*provider);
        if (told.has_error()) {
            ++report.failed;
            ports_.log.warn(orphan_log_target, "a provider did not list what it holds",
                            {{"provider_id", provider->id()}, {"error", told.error().message}});
            continue;
        }
        ++report.providers_swept;
        report.orphans_told += *told;
    }
    TRY(in_transaction(ports_.database, "orphans_forget", [&](UnitOfWork& unit) -> Result<> {
        return unit.orphans().forget_all_but(swept);
    }));
    return report;
}

Result<int> OrphanSweep::sweep(Provider& provider) {
    const auto began = ports_.clock.now();
    std::string cursor;
    for (int pages = 0; pages < instance_limits::orphan_pages_max; ++pages) {
        // No transaction is open while the provider is asked.
        const auto listed = TRY(provider.list(cursor));
        TRY(in_transaction(ports_.database, "orphans_seen", [&](UnitOfWork& unit) -> Result<> {
            return unit.orphans().note_unknown(provider.id(), listed.instances, ports_.clock.now());
        }));
        cursor = listed.next_cursor;
        if (cursor.empty()) return tell(provider.id(), began);
    }
    return Error{ErrorCode::plugin_failed, "its list has no end"};
}

Result<int> OrphanSweep::tell(const std::string& provider_id, Timestamp began) {
    const auto told = TRY(in_transaction(
        ports_.database, "orphans_told", [&](UnitOfWork& unit) -> Result<std::vector<Orphan>> {
            const auto now = ports_.clock.now();
            TRY(unit.orphans().forget_unseen_since(provider_id, began));
            auto orphans = TRY(unit.orphans().take_untold(
                provider_id, now - instance_limits::orphan_patience, now));
            for (const auto& orphan : orphans) {
                Changes changes;
                note_change(changes, "opened_for", "", opened_for(orphan));
                TRY(unit.operation_log().append(
                    {.id = ports_.ids.next_id<OperationId>(),
                     .by = ActorStamp::of(Actor::system()),
                     .action = "server.orphaned",
                     .object_type = "provider",
                     .object_id = provider_id + "/" + orphan.provider_instance_id,
                     .changes = std::move(changes),
                     .at = now}));
                TRY(enqueue_notice(unit, ports_.ids, notice_of(orphan), now));
            }
            return orphans;
        }));
    for (const auto& orphan : told) {
        ports_.log.error(orphan_log_target, "a provider holds a server that no instance knows",
                         {{"provider_id", provider_id},
                          {"provider_instance_id", orphan.provider_instance_id},
                          {"opened_for", opened_for(orphan)}});
    }
    return static_cast<int>(told.size());
}

}  // namespace rb::core
