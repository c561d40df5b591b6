#include "core/identity/own_password.hpp"

#include "core/identity/session_store.hpp"
#include "core/identity/user_store.hpp"
#include "core/unit_of_work.hpp"

namespace rb::core {

Result<User> check_own_password(Database& database, PasswordHasher& passwords, const Actor& actor,
                                std::string_view password, std::string_view field) {
    if (actor.kind != ActorKind::customer && actor.kind != ActorKind::admin) {
        return Error{.code = ErrorCode::permission_denied,
                     .message = "permission_denied: only users have a password"};
    }
    std::optional<User> user;
    {
        auto unit = TRY(database.begin());
        user = TRY(unit->users().find(actor.user));
    }
    if (!user) {
        return Error{.code = ErrorCode::unauthenticated, .message = "sign in again"}.with_detail(
            "the user is gone");
    }
    if (!TRY(passwords.verify(password, user->password_hash))) {
        return invalid_field(std::string(field), "is wrong");
    }
    return *std::move(user);
}

Result<> check_still_signed_in(UnitOfWork& unit, const Actor& actor) {
    const bool is_open = actor.kind == ActorKind::admin
                             ? TRY(unit.sessions().is_open(SessionId(actor.sign_in)))
                             : TRY(unit.refresh_tokens().is_family_open(actor.sign_in));
    if (is_open) return {};
    return Error{.code = ErrorCode::unauthenticated, .message = "sign in again"}.with_detail(
        "signed out in between");
}

bool is_unchanged(const User& before, const User& now) {
    return now.is_active && now.password_hash == before.password_hash;
}

}  // namespace rb::core
