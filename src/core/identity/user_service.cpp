#include "core/identity/user_service.hpp"

#include "core/customer/customer_store.hpp"
#include "core/identity/account_rules.hpp"
#include "core/identity/permission.hpp"
#include "core/identity/session_store.hpp"
#include "core/second_factor/second_factor_store.hpp"
#include "core/unit_of_work.hpp"

namespace rb::core {

namespace {

// An input's error under the name the operator knows: the configuration key.
Error under_key(const Error& error, std::string_view key) {
    const auto colon = error.message.find(": ");
    const auto rule = colon == std::string::npos ? error.message : error.message.substr(colon + 2);
    return invalid_field(std::string(key), rule);
}

Operation operation_on(IdSource& ids, const User& user, std::string action, ActorStamp by,
                       Timestamp now) {
    return {.id = ids.next_id<OperationId>(),
            .by = std::move(by),
            .action = std::move(action),
            .object_type = "user",
            .object_id = user.id.to_string(),
            .at = now};
}

// Locked, so that no sign-in slips in between.
Result<User> find_for_update(UnitOfWork& unit, UserType type, std::string_view username) {
    const auto found = TRY(unit.users().find_by_username(type, username));
    auto user = found ? TRY(unit.users().find_for_update(found->id)) : std::nullopt;
    if (user) return *std::move(user);
    return Error{.code = ErrorCode::not_found,
                 .message = "username: there is no such " + std::string(name_of(type)),
                 .field = "username"};
}

Result<> end_sign_ins(UnitOfWork& unit, UserId user, Timestamp now) {
    TRY(unit.sessions().revoke_all_of(user, SessionId(), now));
    return unit.refresh_tokens().revoke_all_of(user, Uuid(), now);
}

Operation creation_of(IdSource& ids, const User& user, ActorStamp by, Timestamp now) {
    auto operation = operation_on(ids, user, "user.create", std::move(by), now);
    note_change(operation.changes, "username", "", user.username);
    note_change(operation.changes, "role", "", user.role);
    return operation;
}

}  // namespace

Result<BootstrapOutcome> UserService::ensure_administrator(const std::string& username,
                                                           const std::string& password) {
    if (auto checked = check_username(username); checked.has_error()) {
        return under_key(std::move(checked).error(), "bootstrap.admin_username");
    }
    if (auto checked = check_password(password, username); checked.has_error()) {
        return under_key(std::move(checked).error(), "bootstrap.admin_password");
    }
    {
        auto unit = TRY(database_.begin());
        if (TRY(unit->users().has_any(UserType::admin))) return BootstrapOutcome::already_there;
    }
    auto created = create({.username = username, .password = password}, {.kind = "system"});
    if (created.has_value()) return BootstrapOutcome::created;
    // Another server that starts at the same time was faster.
    if (created.error().code == ErrorCode::already_exists) return BootstrapOutcome::already_there;
    return std::move(created).error();
}

Result<User> UserService::create(const NewUser& request, ActorStamp by) {
    const bool is_customer = request.role == customer_role;
    if (!is_customer) TRY(check_admin_role(request.role));
    TRY(check_username(request.username));
    TRY(check_display_name(request.display_name));
    if (!request.email.empty()) TRY(check_email(request.email));
    TRY(check_password(request.password, request.username, "password",
                       limits::operator_password_bytes_min));
    const auto password_hash = TRY(passwords_.hash(request.password));

    return in_transaction(database_, "create_user", [&](UnitOfWork& unit) -> Result<User> {
        const auto now = clock_.now();
        User user{.id = ids_.next_id<UserId>(),
                  .username = request.username,
                  .email = request.email,
                  .display_name = request.display_name,
                  .password_hash = password_hash,
                  .type = is_customer ? UserType::customer : UserType::admin,
                  .role = request.role,
                  .credentials_changed_at = now,
                  .created_at = now,
                  .updated_at = now};
        TRY(unit.users().insert(user));
        if (is_customer) {
            const Customer customer{
                .id = ids_.next_id<CustomerId>(),
                .name = request.display_name.empty() ? request.username : request.display_name,
                .email = request.email,
                .created_at = now,
                .updated_at = now};
            TRY(unit.customers().insert(customer));
            TRY(unit.users().add_membership(user.id, customer.id));
        }
        TRY(unit.operation_log().append(creation_of(ids_, user, by, now)));
        user.password_hash.clear();
        return user;
    });
}

Result<User> UserService::set_password(UserType type, std::string_view username,
                                       std::string_view password, ActorStamp by) {
    TRY(check_password(password, username, "password", limits::operator_password_bytes_min));
    const auto password_hash = TRY(passwords_.hash(password));
    return in_transaction(database_, "set_password", [&](UnitOfWork& unit) -> Result<User> {
        auto user = TRY(find_for_update(unit, type, username));
        const auto now = clock_.now();
        TRY(unit.users().save_password(user.id, password_hash, now));
        TRY(end_sign_ins(unit, user.id, now));
        auto operation = operation_on(ids_, user, "user.set_password", by, now);
        operation.customer = TRY(unit.users().first_customer_of(user.id));
        TRY(unit.operation_log().append(operation));
        user.password_hash.clear();
        return user;
    });
}

Result<SecondFactors> UserService::clear_second_factors(UserType type, std::string_view username,
                                                        ActorStamp by) {
    return in_transaction(
        database_, "clear_second_factors", [&](UnitOfWork& unit) -> Result<SecondFactors> {
            const auto user = TRY(find_for_update(unit, type, username));
            const auto now = clock_.now();
            auto had = TRY(unit.second_factors().find(user.id));
            TRY(unit.second_factors().remove_all(user.id));
            TRY(end_sign_ins(unit, user.id, now));
            auto operation = operation_on(ids_, user, "user.clear_second_factors", by, now);
            operation.customer = TRY(unit.users().first_customer_of(user.id));
            note_change(operation.changes, "totp", had.totp ? "on" : "off", "off");
            note_change(operation.changes, "passkeys", std::to_string(had.passkeys), "0");
            TRY(unit.operation_log().append(operation));
            return had;
        });
}

Result<> UserService::require_second_factors_of_admins(bool is_required, ActorStamp by) {
    return in_transaction(database_, "require_second_factors", [&](UnitOfWork& unit) -> Result<> {
        const auto text = [](bool value) { return value ? "required" : "optional"; };
        const bool before = TRY(unit.second_factors().is_required_of_admins());
        TRY(unit.second_factors().require_of_admins(is_required));
        Operation operation{.id = ids_.next_id<OperationId>(),
                            .by = by,
                            .action = "sign_in_policy.update",
                            .object_type = "sign_in_policy",
                            .object_id = "admins",
                            .at = clock_.now()};
        note_change(operation.changes, "second_factor", text(before), text(is_required));
        return unit.operation_log().append(operation);
    });
}

Result<Page<User>> UserService::list(const UserFilter& filter, PageRequest page) {
    auto unit = TRY(database_.begin());
    auto users = TRY(unit->users().list(filter, page));
    for (auto& user : users.items) user.password_hash.clear();
    return users;
}

}  // namespace rb::core
