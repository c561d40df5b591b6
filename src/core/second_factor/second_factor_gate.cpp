#include "core/second_factor/second_factor_gate.hpp"

#include "core/identity/user_store.hpp"
#include "core/second_factor/limits.hpp"
#include "core/second_factor/passkey_challenge.hpp"
#include "core/second_factor/recovery_code.hpp"
#include "core/second_factor/relying_party.hpp"
#include "core/second_factor/second_factor_store.hpp"
#include "core/unit_of_work.hpp"

namespace rb::core {

namespace {

Error code_required() {
    return Error{.code = ErrorCode::second_factor_required,
                 .message = "code: is required: the user has a second factor",
                 .field = "code"};
}

Error code_refused(const User& user, int wrong_codes) {
    return Error{.code = ErrorCode::unauthenticated,
                 .message = "code: is wrong or was used already",
                 .field = "code"}
        .with_detail("wrong code " + std::to_string(wrong_codes) + " of user " +
                     user.id.to_string());
}

Error too_many_wrong_codes(const User& user) {
    return Error{.code = ErrorCode::too_many_requests,
                 .message = "code: too many were wrong; try again in a quarter of an hour",
                 .field = "code"}
        .with_detail("user " + user.id.to_string());
}

// Not what the sealer says, which is for who entered the secret.
Error app_unreadable(std::string detail) {
    return Error{.code = ErrorCode::failed_precondition,
                 .message =
                     "code: your authenticator app cannot be checked any more; sign in by passkey "
                     "or recovery code, or ask us for help",
                 .field = "code"}
        .with_detail(std::move(detail));
}

Error passkey_refused(std::string detail) {
    return Error{.code = ErrorCode::unauthenticated, .message = "passkey: was not accepted"}
        .with_detail(std::move(detail));
}

bool is_current(const WrongCodes& wrong, Timestamp now) {
    return now - wrong.since < limits::wrong_codes_window;
}

// What browsers never exceed; more than that is not read.
bool is_within_limits(const PasskeyAssertion& assertion) {
    return !assertion.credential_id.empty() &&
           assertion.credential_id.size() <= limits::credential_id_bytes_max &&
           assertion.client_data_json.size() <= limits::client_data_bytes_max &&
           assertion.authenticator_data.size() <= limits::authenticator_data_bytes_max &&
           assertion.signature.size() <= limits::passkey_signature_bytes_max;
}

// WebAuthn 6.1.1: a counter that does not rise tells of a copy; one that stays zero is none.
bool may_be_a_copy(const Passkey& passkey, std::uint32_t sign_count) {
    if (sign_count == 0 && passkey.sign_count == 0) return false;
    return sign_count <= passkey.sign_count;
}

}  // namespace

std::string read_typed_code(std::string_view typed) {
    std::string code(typed.substr(0, limits::typed_code_bytes_max));
    std::erase(code, ' ');
    return code;
}

std::string totp_secret_owner(UserId user) {
    // No plugin interface's id holds a colon.
    return "user:" + user.to_string();
}

// Empty: it is neither.
Result<std::string_view> SecondFactorGate::recognize(UnitOfWork& unit, const User& user,
                                                     const SecondFactors& factors,
                                                     std::string_view code, Timestamp now) const {
    auto& store = unit.second_factors();
    if (const auto recovery_code = read_recovery_code(code)) {
        const auto hash = hash_recovery_code(ports_.digester, user.id, *recovery_code);
        const bool was_there = TRY(store.spend_recovery_code(user.id, hash));
        return was_there ? std::string_view("recovery_code") : std::string_view();
    }
    if (!factors.totp) return std::string_view();
    const auto secret = ports_.sealer.open(totp_secret_owner(user.id), totp_secret_field,
                                           factors.totp->sealed_secret);
    if (secret.has_error()) return app_unreadable(secret.error().message);
    const auto step = ports_.one_time_passwords.step_of(*secret, code, now);
    if (!step || *step <= factors.totp->last_step) return std::string_view();
    TRY(store.save_totp_step(user.id, *step));
    return std::string_view("totp");
}

Result<CodeVerdict> SecondFactorGate::check_code(UnitOfWork& unit, const User& user,
                                                 std::string_view code, Timestamp now) const {
    auto& store = unit.second_factors();
    const auto factors = TRY(store.find(user.id));
    if (!factors.has_any()) return CodeVerdict{};
    const auto typed = read_typed_code(code);
    if (typed.empty()) return CodeVerdict{.refusal = code_required()};

    auto wrong = TRY(store.wrong_codes_of(user.id));
    if (wrong && !is_current(*wrong, now)) wrong.reset();
    if (wrong && wrong->count >= limits::wrong_codes_max) {
        return CodeVerdict{.refusal = too_many_wrong_codes(user)};
    }
    const auto shown = TRY(recognize(unit, user, factors, typed, now));
    if (shown.empty()) {
        if (!wrong) wrong = WrongCodes{.count = 0, .since = now};
        ++wrong->count;
        TRY(store.save_wrong_codes(user.id, *wrong));
        return CodeVerdict{.refusal = code_refused(user, wrong->count)};
    }
    TRY(store.forget_wrong_codes(user.id));
    return CodeVerdict{.shown = shown};
}

Result<Passkey> SecondFactorGate::check_passkey(UnitOfWork& unit, const PasskeyAssertion& assertion,
                                                Timestamp now) const {
    if (!is_within_limits(assertion)) return passkey_refused("a field is too long");
    const auto client_data = ports_.passkeys.read_client_data(assertion.client_data_json);
    if (client_data.has_error()) return passkey_refused(client_data.error().message);
    if (client_data->type != "webauthn.get") return passkey_refused("not an assertion");
    if (client_data->is_cross_origin) return passkey_refused("made inside another site's page");
    const auto& challenge = client_data->challenge;
    const auto expires_at =
        check_passkey_challenge(ports_.digester, challenge, passkey_sign_in_purpose, now);
    if (!expires_at) return passkey_refused("the challenge is not ours or over");

    auto& store = unit.second_factors();
    const auto seen = TRY(store.find_passkey(assertion.credential_id));
    if (!seen) return passkey_refused("unknown passkey");
    // The user's row is the lock under which his factors change; only what is read after it counts.
    TRY(unit.users().find_for_update(seen->user));
    auto passkey = TRY(store.find_passkey(assertion.credential_id));
    if (!passkey || passkey->user != seen->user) return passkey_refused("unknown passkey");
    if (!is_page_of(client_data->origin, passkey->relying_party)) {
        return passkey_refused("another site's page");
    }
    const auto sign_count =
        ports_.passkeys.verify_assertion(passkey->key, passkey->relying_party,
                                         {.client_data_json = assertion.client_data_json,
                                          .authenticator_data = assertion.authenticator_data,
                                          .signature = assertion.signature});
    if (sign_count.has_error()) return passkey_refused(sign_count.error().message);
    if (may_be_a_copy(*passkey, *sign_count)) {
        return passkey_refused("passkey " + passkey->id.to_string() +
                               ": its counter did not rise: there may be a copy of it");
    }
    const auto challenge_hash = ports_.digester.sha256(challenge);
    if (!TRY(store.spend_challenge(challenge_hash, *expires_at))) {
        return passkey_refused("the challenge was used already");
    }
    TRY(store.save_passkey_use(passkey->id, *sign_count, now));
    passkey->sign_count = *sign_count;
    passkey->last_used_at = now;
    return *std::move(passkey);
}

}  // namespace rb::core
