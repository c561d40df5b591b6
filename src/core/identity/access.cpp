#include "core/identity/access.hpp"

namespace rb::core {

namespace {

Error denied(std::string message) {
    return Error{.code = ErrorCode::permission_denied, .message = std::move(message)};
}

}  // namespace

Result<> decide(const AccessRule& rule, const Actor& actor) {
    if (rule.is_empty()) return denied("permission_denied: nobody may call this method");
    if (rule.is_public) return {};

    switch (actor.kind) {
        case ActorKind::anonymous:
            return Error{.code = ErrorCode::unauthenticated, .message = "sign in first"};
        case ActorKind::customer:
            if (rule.customer) return {};
            return denied("permission_denied: customers may not call this method");
        case ActorKind::admin:
            if (rule.admin.empty()) {
                return denied("permission_denied: administrators may not call this method");
            }
            if (actor.has(rule.admin)) return {};
            return denied("permission_denied: your role lacks " + rule.admin);
        case ActorKind::api_key:
            if (rule.api_key.empty()) {
                return denied("permission_denied: API keys may not call this method");
            }
            // No wildcard: an API key's scopes are the customer's to narrow, never everything.
            if (actor.permissions.contains(rule.api_key)) return {};
            return denied("permission_denied: this API key lacks the scope " + rule.api_key);
        case ActorKind::system:
            // Workers call services, not RPCs: a call that claims to be one is a bug or an attack.
            return denied("permission_denied: workers do not call methods");
    }
    ASSERT(false);
}

}  // namespace rb::core
