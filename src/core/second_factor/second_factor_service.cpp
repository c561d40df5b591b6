#include "core/second_factor/second_factor_service.hpp"

#include "core/identity/own_password.hpp"
#include "core/identity/session_store.hpp"
#include "core/identity/user_store.hpp"
#include "core/second_factor/limits.hpp"
#include "core/second_factor/passkey_challenge.hpp"
#include "core/second_factor/recovery_code.hpp"
#include "core/second_factor/relying_party.hpp"
#include "core/second_factor/second_factor_store.hpp"
#include "core/unit_of_work.hpp"

namespace rb::core {

namespace {

Result<> check_is_user(const Actor& actor) {
    if (actor.kind == ActorKind::customer || actor.kind == ActorKind::admin) return {};
    return Error{.code = ErrorCode::permission_denied,
                 .message = "permission_denied: only users have second factors"};
}

}  // namespace

Result<SecondFactorOverview> SecondFactorService::overview(const Actor& actor) {
    TRY(check_is_user(actor));
    auto unit = TRY(ports_.database.begin());
    auto& store = unit->second_factors();
    SecondFactorOverview overview{.factors = TRY(store.find(actor.user)),
                                  .passkeys = TRY(store.passkeys_of(actor.user))};
    if (actor.kind == ActorKind::admin) overview.is_required = TRY(store.is_required_of_admins());
    return overview;
}

Result<SecondFactorService::SignInChallenge> SecondFactorService::begin_sign_in(
    const RequestOrigin& page) {
    auto relying_party = TRY(relying_party_of(page));
    return SignInChallenge{
        .challenge = new_passkey_challenge(ports_.digester, ports_.random, passkey_sign_in_purpose,
                                           ports_.clock.now()),
        .relying_party = std::move(relying_party)};
}

Result<std::vector<std::string>> SecondFactorService::renew_recovery_codes(
    const Actor& actor, std::string_view password) {
    const auto user = TRY(check_own_password(ports_.database, ports_.passwords, actor, password));
    std::vector<std::string> codes;
    TRY(change(actor, &user, "renew_recovery_codes",
               [&](const Changing& changing) -> Result<Changed> {
                   if (!changing.factors.has_any()) {
                       return Error{.code = ErrorCode::failed_precondition,
                                    .message = "there is no second factor to recover from"};
                   }
                   codes = TRY(make_recovery_codes(changing));
                   return Changed{.action = "user.renew_recovery_codes"};
               }));
    return codes;
}

Result<> SecondFactorService::change(const Actor& actor, const User* verified,
                                     std::string_view point,
                                     const std::function<Result<Changed>(const Changing&)>& work) {
    TRY(check_is_user(actor));
    using Revoked = std::vector<Digest>;
    const auto revoked =
        TRY(in_transaction(ports_.database, point, [&](UnitOfWork& unit) -> Result<Revoked> {
            const auto user = TRY(unit.users().find_for_update(actor.user));
            if (!user || !user->is_active || (verified && !is_unchanged(*verified, *user))) {
                return Error{.code = ErrorCode::unauthenticated, .message = "sign in again"}
                    .with_detail("changed in between");
            }
            TRY(check_still_signed_in(unit, actor));
            const auto factors = TRY(unit.second_factors().find(user->id));
            const auto now = ports_.clock.now();
            auto changed = TRY(work({.unit = unit, .user = *user, .factors = factors, .now = now}));
            Operation operation{.id = ports_.ids.next_id<OperationId>(),
                                .by = ActorStamp::of(actor),
                                .action = std::move(changed.action),
                                .object_type = "user",
                                .object_id = user->id.to_string(),
                                .changes = std::move(changed.changes),
                                .at = now};
            if (actor.kind == ActorKind::customer) operation.customer = actor.customer;
            TRY(unit.operation_log().append(operation));
            // Of an administrator there are no families, of a customer user no sessions.
            TRY(unit.refresh_tokens().revoke_all_of(user->id, actor.sign_in, now));
            return unit.sessions().revoke_all_of(user->id, SessionId(actor.sign_in), now);
        }));
    for (const auto& token_hash : revoked) ports_.session_cache.revoke(token_hash);
    return {};
}

Result<std::vector<std::string>> SecondFactorService::first_recovery_codes(
    const Changing& changing) {
    if (changing.factors.has_any()) return std::vector<std::string>();
    return make_recovery_codes(changing);
}

Result<std::vector<std::string>> SecondFactorService::make_recovery_codes(
    const Changing& changing) {
    std::vector<std::string> codes;
    std::vector<Digest> hashes;
    for (int i = 0; i < limits::recovery_codes; ++i) {
        codes.push_back(new_recovery_code(ports_.random));
        hashes.push_back(hash_recovery_code(ports_.digester, changing.user.id, codes.back()));
    }
    TRY(changing.unit.second_factors().replace_recovery_codes(changing.user.id, hashes));
    return codes;
}

Result<> SecondFactorService::forget_rest_unless(bool has_any_left, const Changing& changing) {
    if (has_any_left) return {};
    return changing.unit.second_factors().remove_all(changing.user.id);
}

}  // namespace rb::core
