#include "core/identity/registration_service.hpp"

#include "core/customer/customer_store.hpp"
#include "core/identity/account_rules.hpp"
#include "core/identity/limits.hpp"
#include "core/identity/session_store.hpp"
#include "core/identity/user_store.hpp"
#include "core/notification/notice.hpp"
#include "core/operation_log/operation_log.hpp"
#include "core/text.hpp"
#include "core/unit_of_work.hpp"

#include <algorithm>

namespace rb::core {

namespace {

Error taken(const std::string& field) {
    return Error{
        .code = ErrorCode::already_exists, .message = field + ": is taken", .field = field};
}

Result<> check_fields(const Registration& registration) {
    TRY(check_username(registration.username));
    TRY(check_email(registration.email));
    TRY(check_display_name(registration.display_name));
    return check_password(registration.password, registration.username);
}

Error code_missing() {
    return Error{.code = ErrorCode::failed_precondition,
                 .message = "verification_code: is needed; ask for one by SendVerificationCode",
                 .field = "verification_code"};
}

Error code_wrong() {
    return Error{.code = ErrorCode::failed_precondition,
                 .message = "verification_code: is wrong",
                 .field = "verification_code"};
}

}  // namespace

Result<bool> RegistrationService::needs_code() const {
    const auto notifiers = ports_.plugins.notifiers();
    const bool has_email = std::ranges::any_of(notifiers.usable, [](const auto& notifier) {
        return notifier->channel() == NotifierChannel::email;
    });
    // A notifier that is broken opens no door: without it nobody proves to read his address.
    if (!has_email && notifiers.failure) {
        return Error{.code = notifiers.failure->code,
                     .message = "registration is not possible at the moment; try again later"}
            .with_detail(notifiers.failure->message);
    }
    return has_email;
}

// Before the expensive hashing: a wrong code costs its attempt, which must outlive the refusal, so
// this unit commits even then. A taken username is told early as a courtesy; the unique index
// decides.
Result<> RegistrationService::check_first(const Registration& registration, bool code_needed) {
    auto unit = TRY(ports_.database.begin());
    if (code_needed) {
        auto code = TRY(unit->verification_codes().find_newest_for_update(
            registration.email, VerificationPurpose::registration));
        if (!code) return code_wrong();
        auto verdict =
            check_code(*code, registration.verification_code, ports_.digester, ports_.clock.now());
        if (verdict.has_error()) {
            TRY(unit->verification_codes().count_attempt(code->id));
            TRY(unit->commit("registration_attempt"));
            return verdict;
        }
    }
    if (TRY(unit->users().find_by_username(UserType::customer, registration.username))) {
        return taken("username");
    }
    if (TRY(unit->users().find_by_email(UserType::customer, registration.email))) {
        return taken("email");
    }
    return {};
}

Result<> RegistrationService::spend_code(UnitOfWork& unit, const Registration& registration) {
    auto code = TRY(unit.verification_codes().find_newest_for_update(
        registration.email, VerificationPurpose::registration));
    if (!code) return code_wrong();
    TRY(check_code(*code, registration.verification_code, ports_.digester, ports_.clock.now()));
    return unit.verification_codes().consume(code->id, ports_.clock.now());
}

Result<Profile> RegistrationService::register_customer(const Registration& registration,
                                                       const ClientInfo& client) {
    TRY(check_fields(registration));
    const bool code_needed = TRY(needs_code());
    if (code_needed && registration.verification_code.empty()) return code_missing();
    TRY(check_first(registration, code_needed));
    const auto password_hash = TRY(ports_.passwords.hash(registration.password));

    return in_transaction(ports_.database, "register", [&](UnitOfWork& unit) -> Result<Profile> {
        if (code_needed) TRY(spend_code(unit, registration));

        const auto now = ports_.clock.now();
        const User user{.id = ports_.ids.next_id<UserId>(),
                        .username = registration.username,
                        .email = registration.email,
                        .display_name = registration.display_name,
                        .password_hash = password_hash,
                        .credentials_changed_at = now,
                        .created_at = now,
                        .updated_at = now};
        const Customer customer{.id = ports_.ids.next_id<CustomerId>(),
                                .name = registration.display_name.empty()
                                            ? registration.username
                                            : registration.display_name,
                                .email = registration.email,
                                .created_at = now,
                                .updated_at = now};
        TRY(unit.users().insert(user));
        TRY(unit.customers().insert(customer));
        TRY(unit.users().add_membership(user.id, customer.id));
        TRY(unit.operation_log().append({.id = ports_.ids.next_id<OperationId>(),
                                         .by = {.kind = "customer",
                                                .user = user.id,
                                                .request_id = client.request_id,
                                                .ip = client.ip},
                                         .customer = customer.id,
                                         .action = "user.register",
                                         .object_type = "user",
                                         .object_id = user.id.to_string(),
                                         .at = now}));
        Profile profile{.user = user, .customer = customer.id};
        profile.user.password_hash.clear();
        return profile;
    });
}

Result<CodeRequestOutcome> RegistrationService::send_verification_code(const std::string& email,
                                                                       const std::string& purpose) {
    TRY(check_email(email));
    const auto wanted = TRY(parse_verification_purpose(purpose));
    if (!TRY(needs_code())) {
        return CodeRequestOutcome{.message = "no verification code is needed here"};
    }

    using Outcome = CodeRequestOutcome;
    return in_transaction(ports_.database, "send_code", [&](UnitOfWork& unit) -> Result<Outcome> {
        const auto now = ports_.clock.now();
        const auto newest = TRY(unit.verification_codes().find_newest_for_update(email, wanted));
        if (const auto wait = wait_before_resend(newest, now); wait.count() > 0) {
            return Outcome{.message = "a code was sent a moment ago", .retry_after = wait};
        }

        // A known address gets the same row: the answer, and the wait for the next, tell nothing.
        const auto owner = TRY(unit.users().find_by_email(UserType::customer, email));
        VerificationCode code{.id = ports_.ids.next(),
                              .email = to_lower_ascii(email),
                              .purpose = wanted,
                              .created_at = now,
                              .expires_at = now + limits::verification_code_lifetime};
        code.code_hash =
            hash_code(ports_.digester, code.id, derive_code(ports_.digester, code.id, email));
        TRY(unit.verification_codes().insert(code));

        Notice notice{.which = NotificationTemplate::verification_code,
                      .subject = code.id,
                      .recipient = email};
        if (owner) {
            notice.which = NotificationTemplate::registration_known;
            notice.values["username"] = owner->username;
        }
        TRY(enqueue_notice(unit, ports_.ids, notice, now));
        return Outcome{.sent = true,
                       .message = "a code is on its way",
                       .retry_after = limits::verification_resend_interval};
    });
}

}  // namespace rb::core
