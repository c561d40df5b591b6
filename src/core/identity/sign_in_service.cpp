#include "core/identity/sign_in_service.hpp"

#include "core/api_key/api_key_store.hpp"
#include "core/identity/account_rules.hpp"
#include "core/identity/limits.hpp"
#include "core/identity/own_password.hpp"
#include "core/identity/secret_token.hpp"
#include "core/identity/session_store.hpp"
#include "core/identity/user_store.hpp"
#include "core/operation_log/operation_log.hpp"
#include "core/unit_of_work.hpp"

#include <algorithm>
#include <optional>

namespace rb::core {

namespace {

Error wrong_credentials(std::string detail) {
    return Error{.code = ErrorCode::unauthenticated, .message = "wrong username or password"}
        .with_detail(std::move(detail));
}

Error bad_refresh_token(std::string detail) {
    return Error{.code = ErrorCode::unauthenticated, .message = "sign in again"}.with_detail(
        std::move(detail));
}

Profile profile_from(User user, std::optional<CustomerId> customer) {
    user.password_hash.clear();
    return {.user = std::move(user), .customer = customer};
}

// As much of it as is kept. The header may hold any bytes; what a column of text does not take
// would fail the sign-in.
std::string kept_user_agent(std::string_view text) {
    std::string kept(text.substr(0, limits::user_agent_bytes_max));
    std::ranges::replace_if(
        kept, [](char c) { return c < ' ' || c > '~'; }, '?');
    return kept;
}

Operation sign_in_operation(IdSource& ids, const User& user, const ClientInfo& client,
                            Timestamp now) {
    return {.id = ids.next_id<OperationId>(),
            .by = {.kind = std::string(name_of(user.type)),
                   .user = user.id,
                   .request_id = client.request_id,
                   .ip = client.ip},
            .action = "user.sign_in",
            .object_type = "user",
            .object_id = user.id.to_string(),
            .at = now};
}

}  // namespace

// Holds no connection while it hashes. Whoever is unknown costs as much time as whoever is known.
Result<User> SignInService::check_credentials(UserType type, std::string_view username,
                                              std::string_view password) {
    std::optional<User> user;
    // What cannot be a username is nobody's, and need not be looked up.
    if (check_username(username).has_value()) {
        auto unit = TRY(ports_.database.begin());
        user = TRY(unit->users().find_by_username(type, username));
    }
    const bool matches = TRY(ports_.passwords.verify(password, user ? user->password_hash : ""));
    if (!user) return wrong_credentials("unknown user");
    if (!matches) return wrong_credentials("wrong password of " + user->id.to_string());
    if (!user->is_active) return wrong_credentials("disabled account " + user->id.to_string());
    return *std::move(user);
}

Result<User> SignInService::lock_unchanged(UnitOfWork& unit, const User& checked) {
    auto user = TRY(unit.users().find_for_update(checked.id));
    if (!user || !is_unchanged(checked, *user))
        return wrong_credentials("changed while signing in");
    return *std::move(user);
}

Result<CustomerSignIn> SignInService::issue_pair(UnitOfWork& unit, const User& user, Uuid family,
                                                 Timestamp now) {
    const auto customer = TRY(unit.users().first_customer_of(user.id));
    if (!customer) return wrong_credentials("no active customer");

    CustomerSignIn sign_in{.refresh_token = new_secret_token(ports_.random),
                           .expires_in = settings_.access_token_lifetime,
                           .profile = profile_from(user, customer)};
    TRY(unit.refresh_tokens().insert(
        {.id = ports_.ids.next(),
         .family = family,
         .user = user.id,
         .token_hash = ports_.digester.sha256(sign_in.refresh_token),
         .created_at = now,
         .expires_at =
             now + std::max(settings_.refresh_token_lifetime, settings_.access_token_lifetime)}));
    const auto issued_at = std::chrono::floor<std::chrono::seconds>(now);
    sign_in.access_token =
        ports_.access_tokens.issue({.user = user.id,
                                    .customer = *customer,
                                    .family = family,
                                    .id = ports_.ids.next(),
                                    .issued_at = issued_at,
                                    .expires_at = issued_at + settings_.access_token_lifetime});
    return sign_in;
}

Result<CustomerSignIn> SignInService::admit_customer(UnitOfWork& unit, const Admission& admission,
                                                     const ClientInfo& client) {
    const auto& [user, second_factor, now] = admission;
    auto sign_in = TRY(issue_pair(unit, user, ports_.ids.next(), now));
    auto operation = sign_in_operation(ports_.ids, user, client, now);
    operation.customer = sign_in.profile.customer;
    note_change(operation.changes, "second_factor", "", std::string(second_factor));
    TRY(unit.operation_log().append(operation));
    return sign_in;
}

Result<AdminSignIn> SignInService::admit_admin(UnitOfWork& unit, const Admission& admission,
                                               const ClientInfo& client) {
    const auto& [user, second_factor, now] = admission;
    AdminSignIn sign_in{.session_token = new_secret_token(ports_.random),
                        .profile = profile_from(user, std::nullopt)};
    TRY(unit.sessions().insert({.id = ports_.ids.next_id<SessionId>(),
                                .user = user.id,
                                .token_hash = ports_.digester.sha256(sign_in.session_token),
                                .created_at = now,
                                .last_seen_at = now,
                                .absolute_expires_at = now + settings_.session.absolute_timeout,
                                .ip = client.ip,
                                .user_agent = kept_user_agent(client.user_agent)}));
    auto operation = sign_in_operation(ports_.ids, user, client, now);
    note_change(operation.changes, "second_factor", "", std::string(second_factor));
    TRY(unit.operation_log().append(operation));
    return sign_in;
}

template <typename SignIn, typename Admit>
Result<SignIn> SignInService::by_password(UserType type, std::string_view username,
                                          std::string_view password, std::string_view code,
                                          Admit admit) {
    const auto checked = TRY(check_credentials(type, username, password));
    // A wrong code is counted and then refused: the count must be committed, so the refusal travels
    // as a value until it is.
    struct Outcome {
        std::optional<SignIn> sign_in = {};
        std::optional<Error> refusal = {};
    };
    auto outcome =
        TRY(in_transaction(ports_.database, "sign_in", [&](UnitOfWork& unit) -> Result<Outcome> {
            auto user = TRY(lock_unchanged(unit, checked));
            const auto now = ports_.clock.now();
            const auto verdict = TRY(ports_.second_factors.check_code(unit, user, code, now));
            if (verdict.refusal) return Outcome{.refusal = verdict.refusal};
            const Admission admission{
                .user = std::move(user), .second_factor = verdict.shown, .at = now};
            return Outcome{.sign_in = TRY(admit(unit, admission))};
        }));
    if (outcome.refusal) return *std::move(outcome.refusal);
    return *std::move(outcome.sign_in);
}

Result<SignInService::Admission> SignInService::by_passkey(UnitOfWork& unit, UserType type,
                                                           const PasskeyAssertion& assertion) {
    const auto now = ports_.clock.now();
    const auto passkey = TRY(ports_.second_factors.check_passkey(unit, assertion, now));
    auto user = TRY(unit.users().find(passkey.user));
    if (!user || !user->is_active || user->type != type) {
        return Error{.code = ErrorCode::unauthenticated, .message = "passkey: was not accepted"}
            .with_detail("disabled account, or one of the other kind");
    }
    return Admission{.user = *std::move(user), .second_factor = "passkey", .at = now};
}

Result<CustomerSignIn> SignInService::sign_in_customer(std::string_view username,
                                                       std::string_view password,
                                                       const ClientInfo& client,
                                                       std::string_view code) {
    return by_password<CustomerSignIn>(UserType::customer, username, password, code,
                                       [&](UnitOfWork& unit, const Admission& admission) {
                                           return admit_customer(unit, admission, client);
                                       });
}

Result<AdminSignIn> SignInService::sign_in_admin(std::string_view username,
                                                 std::string_view password,
                                                 const ClientInfo& client, std::string_view code) {
    return by_password<AdminSignIn>(UserType::admin, username, password, code,
                                    [&](UnitOfWork& unit, const Admission& admission) {
                                        return admit_admin(unit, admission, client);
                                    });
}

Result<CustomerSignIn> SignInService::sign_in_customer(const PasskeyAssertion& passkey,
                                                       const ClientInfo& client) {
    return in_transaction(
        ports_.database, "sign_in", [&](UnitOfWork& unit) -> Result<CustomerSignIn> {
            const auto admission = TRY(by_passkey(unit, UserType::customer, passkey));
            return admit_customer(unit, admission, client);
        });
}

Result<AdminSignIn> SignInService::sign_in_admin(const PasskeyAssertion& passkey,
                                                 const ClientInfo& client) {
    return in_transaction(ports_.database, "sign_in", [&](UnitOfWork& unit) -> Result<AdminSignIn> {
        const auto admission = TRY(by_passkey(unit, UserType::admin, passkey));
        return admit_admin(unit, admission, client);
    });
}

Result<CustomerSignIn> SignInService::refresh(std::string_view refresh_token) {
    if (!is_secret_token(refresh_token)) return bad_refresh_token("not of the form of a token");
    const auto token_hash = ports_.digester.sha256(refresh_token);

    // Reuse revokes and then refuses: the revocation must be committed, so the refusal travels as a
    // value until it is.
    using Outcome = std::optional<CustomerSignIn>;
    auto outcome =
        TRY(in_transaction(ports_.database, "refresh", [&](UnitOfWork& unit) -> Result<Outcome> {
            const auto seen = TRY(unit.refresh_tokens().find_by_token_hash(token_hash));
            if (!seen) return bad_refresh_token("unknown token");
            // The user's row is the lock under which his tokens change; only what is read after it
            // counts.
            const auto user = TRY(unit.users().find_for_update(seen->user));
            const auto token = TRY(unit.refresh_tokens().find_by_token_hash(token_hash));
            if (!user || !token) return bad_refresh_token("unknown token");
            const auto now = ports_.clock.now();
            if (token->used_at) {
                TRY(unit.refresh_tokens().revoke_family(token->family, now));
                return Outcome();
            }
            if (token->revoked_at) return bad_refresh_token("revoked token");
            if (now >= token->expires_at) return bad_refresh_token("expired token");
            if (!user->is_active) return bad_refresh_token("disabled account");
            TRY(unit.refresh_tokens().mark_used(token->id, now));
            return Outcome(TRY(issue_pair(unit, *user, token->family, now)));
        }));
    if (!outcome) return bad_refresh_token("spent token presented again: family revoked");
    return *std::move(outcome);
}

Result<> SignInService::sign_out(const Actor& actor) {
    if (actor.user.is_nil() || actor.sign_in.is_nil()) return {};
    if (actor.kind != ActorKind::customer && actor.kind != ActorKind::admin) return {};

    using Revoked = std::vector<Digest>;
    const auto revoked =
        TRY(in_transaction(ports_.database, "sign_out", [&](UnitOfWork& unit) -> Result<Revoked> {
            const auto now = ports_.clock.now();
            TRY(unit.users().find_for_update(actor.user));
            if (actor.kind == ActorKind::admin) {
                return unit.sessions().revoke(SessionId(actor.sign_in), now);
            }
            TRY(unit.refresh_tokens().revoke_family(actor.sign_in, now));
            return Revoked();
        }));
    for (const auto& token_hash : revoked) ports_.session_cache.revoke(token_hash);
    return {};
}

Result<> SignInService::change_password(const Actor& actor, std::string_view old_password,
                                        std::string_view new_password) {
    const auto user = TRY(
        check_own_password(ports_.database, ports_.passwords, actor, old_password, "old_password"));
    TRY(check_password(new_password, user.username, "new_password"));
    if (old_password == new_password) {
        return invalid_field("new_password", "must differ from the old one");
    }
    const auto password_hash = TRY(ports_.passwords.hash(new_password));

    using Revoked = std::vector<Digest>;
    const auto revoked = TRY(in_transaction(
        ports_.database, "change_password", [&](UnitOfWork& unit) -> Result<Revoked> {
            TRY(lock_unchanged(unit, user));
            TRY(check_still_signed_in(unit, actor));
            const auto now = ports_.clock.now();
            TRY(unit.users().save_password(user.id, password_hash, now));
            TRY(unit.refresh_tokens().revoke_all_of(user.id, Uuid(), now));
            const auto kept =
                actor.kind == ActorKind::admin ? SessionId(actor.sign_in) : SessionId();
            TRY(unit.operation_log().append({.id = ports_.ids.next_id<OperationId>(),
                                             .by = ActorStamp::of(actor),
                                             .action = "user.change_password",
                                             .object_type = "user",
                                             .object_id = user.id.to_string(),
                                             .at = now}));
            return unit.sessions().revoke_all_of(user.id, kept, now);
        }));
    for (const auto& token_hash : revoked) ports_.session_cache.revoke(token_hash);
    return {};
}

Result<Profile> SignInService::profile_of(const Actor& actor) {
    auto unit = TRY(ports_.database.begin());
    UserId id = actor.user;
    if (actor.kind == ActorKind::api_key) {
        // A key is its customer's and nobody's sign-in: whoever made it is shown.
        const auto key = TRY(unit->api_keys().find(ApiKeyId(actor.sign_in)));
        if (!key || !key->created_by) {
            return Error{ErrorCode::failed_precondition, "this key was made by no user"};
        }
        id = *key->created_by;
    }
    auto user = TRY(unit->users().find(id));
    if (!user) return bad_refresh_token("the user is gone");
    if (actor.kind == ActorKind::api_key && user->type != UserType::customer) {
        return Error{ErrorCode::failed_precondition,
                     "this key was made by an administrator, for no user"};
    }
    std::optional<CustomerId> customer;
    if (!actor.customer.is_nil()) customer = actor.customer;
    return profile_from(*std::move(user), customer);
}

}  // namespace rb::core
