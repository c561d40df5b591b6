#include "core/instance/abandon_opening.hpp"

#include "core/instance/instance_service.hpp"
#include "core/instance/instance_store.hpp"

namespace rb::core {

Result<> abandon_opening(UnitOfWork& unit, IdSource& ids, OrderId order, std::string reason,
                         Timestamp now) {
    const auto seen = TRY(unit.instances().find_by_order(order));
    if (!seen) return {};
    auto instance = TRY(unit.instances().find_for_update(seen->id));
    // One that succeeded is no opening any more.
    if (!instance || instance->is_ending() || instance->activated_at) return {};
    instance->status = InstanceStatus::error;
    instance->status_reason = std::move(reason);
    instance->want(DesiredStatus::terminated, now);
    TRY(unit.instances().save(*instance));
    return enqueue_reconcile(unit, ids, *instance, now);
}

}  // namespace rb::core
