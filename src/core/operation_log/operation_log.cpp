#include "core/operation_log/operation_log.hpp"

namespace rb::core {

ActorStamp ActorStamp::of(const Actor& actor) {
    ActorStamp stamp{.kind = "system", .request_id = actor.request_id, .ip = actor.ip};
    switch (actor.kind) {
        case ActorKind::admin:
            stamp.kind = "admin";
            break;
        case ActorKind::customer:
            stamp.kind = "customer";
            break;
        case ActorKind::api_key:
            stamp.kind = "api_key";
            break;
        case ActorKind::system:
            break;
        // No service lets an anonymous caller change what is logged.
        case ActorKind::anonymous:
            ASSERT(false);
    }
    if (!actor.user.is_nil()) stamp.user = actor.user;
    return stamp;
}

void note_change(Changes& changes, std::string field, std::string before, std::string after) {
    if (before == after) return;
    changes.insert_or_assign(std::move(field),
                             Change{.before = std::move(before), .after = std::move(after)});
}

}  // namespace rb::core
