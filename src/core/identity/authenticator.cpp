#include "core/identity/authenticator.hpp"

#include "core/api_key/api_key_store.hpp"
#include "core/identity/credential_store.hpp"
#include "core/identity/limits.hpp"
#include "core/identity/permission.hpp"
#include "core/identity/secret_token.hpp"
#include "core/identity/session_store.hpp"
#include "core/unit_of_work.hpp"

#include <algorithm>

namespace rb::core {

namespace {

Error refused(std::string detail) {
    return Error{.code = ErrorCode::unauthenticated, .message = "sign in again"}.with_detail(
        std::move(detail));
}

Error key_refused(std::string detail) {
    return Error{.code = ErrorCode::unauthenticated, .message = "the API key is not valid"}
        .with_detail(std::move(detail));
}

Actor admin_actor(const CachedSession& session, const ClientInfo& client) {
    return {.kind = ActorKind::admin,
            .user = session.user,
            .permissions = permissions_of_role(session.role),
            .sign_in = session.id.uuid(),
            .request_id = client.request_id,
            .ip = client.ip};
}

}  // namespace

std::chrono::seconds Authenticator::last_seen_interval() const {
    const std::chrono::seconds idle_timeout = settings_.idle_timeout;
    return std::min(limits::last_seen_interval, idle_timeout / 2);
}

Result<Actor> Authenticator::by_session(std::string_view token, const ClientInfo& client) {
    if (!is_secret_token(token)) return refused("not of the form of a session token");
    const auto token_hash = ports_.digester.sha256(token);
    const auto now = ports_.clock.now();

    // A remembered session serves until it is time to write down that it was seen.
    if (const auto cached = ports_.session_cache.find(token_hash)) {
        if (cached->is_revoked) return refused("revoked session");
        const bool is_fresh = now - cached->last_seen_at < last_seen_interval();
        if (is_fresh && now < cached->absolute_expires_at) return admin_actor(*cached, client);
    }

    auto unit = TRY(ports_.database.begin());
    const auto found = TRY(unit->credentials().find_session(token_hash));
    if (!found) return refused("unknown session");
    const auto& [session, user, lacks_second_factor] = *found;
    if (session.revoked_at) return refused("revoked session");
    if (now >= session.absolute_expires_at) return refused("session over its absolute limit");
    if (now - session.last_seen_at >= settings_.idle_timeout) return refused("idle session");
    if (!user.is_active || user.type != UserType::admin) return refused("disabled account");

    CachedSession remembered{.id = session.id,
                             .user = user.id,
                             .role = user.role,
                             .last_seen_at = session.last_seen_at,
                             .absolute_expires_at = session.absolute_expires_at};
    if (now - session.last_seen_at >= last_seen_interval()) {
        TRY(unit->sessions().touch(session.id, now));
        TRY(unit->commit("session_seen"));
        remembered.last_seen_at = now;
    }
    auto actor = admin_actor(remembered, client);
    if (lacks_second_factor) {
        // Not remembered: as soon as he has one he may do everything.
        actor.permissions = {std::string(own_account_permission)};
        actor.lacks_second_factor = true;
        return actor;
    }
    ports_.session_cache.remember(token_hash, remembered);
    return actor;
}

Result<Actor> Authenticator::by_access_token(std::string_view token, const ClientInfo& client) {
    const auto now = ports_.clock.now();
    const auto claims = TRY(ports_.access_tokens.verify(token, now));

    auto unit = TRY(ports_.database.read());
    const auto found =
        TRY(unit->credentials().find_family(claims.user, claims.customer, claims.family, now));
    if (!found) return refused("unknown user");
    if (!found->is_active || found->type != UserType::customer) {
        return refused("disabled account");
    }
    // A token says when it was issued to the second: within the second of the change, its family
    // (revoked by the same change) decides.
    const auto changed_at = std::chrono::floor<std::chrono::seconds>(found->credentials_changed_at);
    if (claims.issued_at < changed_at) return refused("issued before the password changed");
    if (!found->is_family_alive) return refused("signed out");
    if (!found->is_member) return refused("no longer a member of an active customer");

    return Actor{.kind = ActorKind::customer,
                 .user = claims.user,
                 .customer = claims.customer,
                 .sign_in = claims.family,
                 .request_id = client.request_id,
                 .ip = client.ip};
}

Result<Actor> Authenticator::by_api_key(std::string_view key, const ClientInfo& client) {
    if (!is_api_key_text(key)) return key_refused("not of the form of a key");
    const auto now = ports_.clock.now();

    auto unit = TRY(ports_.database.begin());
    const auto found = TRY(unit->credentials().find_api_key(ports_.digester.sha256(key)));
    if (!found) return key_refused("unknown key");
    if (!found->key.is_valid_at(now)) return key_refused("revoked or expired key");
    if (!found->is_customer_active) return key_refused("disabled customer");

    const auto& last_used_at = found->key.last_used_at;
    if (!last_used_at || now - *last_used_at >= limits::last_seen_interval) {
        TRY(unit->api_keys().touch(found->key.id, now));
        TRY(unit->commit("api_key_used"));
    }
    return Actor{.kind = ActorKind::api_key,
                 .customer = found->key.customer,
                 .permissions = PermissionSet(found->key.scopes.begin(), found->key.scopes.end()),
                 .sign_in = found->key.id.uuid(),
                 .request_id = client.request_id,
                 .ip = client.ip};
}

}  // namespace rb::core
