// SecondFactorService: passkeys.

#include "core/identity/own_password.hpp"
#include "core/second_factor/limits.hpp"
#include "core/second_factor/passkey_challenge.hpp"
#include "core/second_factor/relying_party.hpp"
#include "core/second_factor/second_factor_service.hpp"
#include "core/second_factor/second_factor_store.hpp"
#include "core/text.hpp"
#include "core/unit_of_work.hpp"

#include <algorithm>

namespace rb::core {

namespace {

// For this user, and void once his password is another.
std::string enrolment_purpose(const User& user) {
    return "enrol " + user.id.to_string() + " " +
           std::to_string(user.credentials_changed_at.time_since_epoch().count());
}

Error has_too_many_passkeys() {
    return Error{.code = ErrorCode::failed_precondition,
                 .message = "at most " + std::to_string(limits::passkeys_per_user_max) +
                            " passkeys; remove one first"};
}

bool has_room_beside(int passkeys) {
    return static_cast<std::size_t>(passkeys) < limits::passkeys_per_user_max;
}

Result<> check_sizes(const NewPasskey& passkey) {
    const auto too_long = [](std::string field, std::size_t max) {
        return invalid_field(std::move(field), "must be at most " + std::to_string(max) + " bytes");
    };
    if (passkey.client_data_json.size() > limits::client_data_bytes_max) {
        return too_long("client_data_json", limits::client_data_bytes_max);
    }
    if (passkey.authenticator_data.size() > limits::authenticator_data_bytes_max) {
        return too_long("authenticator_data", limits::authenticator_data_bytes_max);
    }
    return {};
}

// WebAuthn 7.1, steps 7 to 10.
Result<> check_client_data(const PasskeyClientData& client_data, std::string_view relying_party) {
    if (client_data.type != "webauthn.create") {
        return invalid_field("client_data_json", "is not of a new passkey (webauthn.create)");
    }
    if (client_data.is_cross_origin || !is_page_of(client_data.origin, relying_party)) {
        return invalid_field("client_data_json",
                             "comes from another page than https://" + std::string(relying_party));
    }
    return {};
}

}  // namespace

Result<PasskeyEnrolment> SecondFactorService::begin_passkey(const Actor& actor,
                                                            std::string_view password,
                                                            const RequestOrigin& page) {
    auto relying_party = TRY(relying_party_of(page));
    auto user = TRY(check_own_password(ports_.database, ports_.passwords, actor, password));
    auto unit = TRY(ports_.database.begin());
    auto known = TRY(unit->second_factors().passkeys_of(user.id));
    if (!has_room_beside(static_cast<int>(known.size()))) return has_too_many_passkeys();
    auto challenge = new_passkey_challenge(ports_.digester, ports_.random, enrolment_purpose(user),
                                           ports_.clock.now());
    user.password_hash.clear();
    return PasskeyEnrolment{.challenge = std::move(challenge),
                            .relying_party = std::move(relying_party),
                            .user = std::move(user),
                            .known = std::move(known)};
}

Result<ConfirmedPasskey> SecondFactorService::confirm_passkey(const Actor& actor,
                                                              const NewPasskey& request,
                                                              const RequestOrigin& page) {
    const auto relying_party = TRY(relying_party_of(page));
    const auto name = trimmed(request.name);
    TRY(check_text(name,
                   {.field = "name", .chars_min = 1, .chars_max = limits::passkey_name_chars_max}));
    TRY(check_sizes(request));
    const auto client_data = TRY(ports_.passkeys.read_client_data(request.client_data_json));
    TRY(check_client_data(client_data, relying_party));
    const auto registration =
        TRY(ports_.passkeys.read_registration(relying_party, request.authenticator_data));

    ConfirmedPasskey confirmed;
    TRY(change(actor, nullptr, "confirm_passkey", [&](const Changing& changing) -> Result<Changed> {
        const auto& [unit, user, factors, now] = changing;
        if (!check_passkey_challenge(ports_.digester, client_data.challenge,
                                     enrolment_purpose(user), now)) {
            return Error{.code = ErrorCode::failed_precondition,
                         .message =
                             "client_data_json: the challenge is over or not yours; "
                             "begin again",
                         .field = "client_data_json"};
        }
        if (!has_room_beside(factors.passkeys)) return has_too_many_passkeys();
        confirmed.passkey = Passkey{.id = ports_.ids.next_id<PasskeyId>(),
                                    .user = user.id,
                                    .name = std::string(name),
                                    .credential_id = registration.credential_id,
                                    .relying_party = relying_party,
                                    .key = registration.key,
                                    .sign_count = registration.sign_count,
                                    .created_at = now};
        TRY(unit.second_factors().insert_passkey(confirmed.passkey));
        confirmed.recovery_codes = TRY(first_recovery_codes(changing));
        Changed changed{.action = "user.add_passkey"};
        note_change(changed.changes, "passkey", "", confirmed.passkey.name);
        return changed;
    }));
    return confirmed;
}

Result<> SecondFactorService::remove_passkey(const Actor& actor, std::string_view password,
                                             PasskeyId id) {
    const auto user = TRY(check_own_password(ports_.database, ports_.passwords, actor, password));
    return change(actor, &user, "remove_passkey", [&](const Changing& changing) -> Result<Changed> {
        auto& store = changing.unit.second_factors();
        const auto passkeys = TRY(store.passkeys_of(changing.user.id));
        const auto found = std::ranges::find(passkeys, id, &Passkey::id);
        if (found == passkeys.end()) {
            return Error{.code = ErrorCode::not_found,
                         .message = "id: there is no such passkey",
                         .field = "id"};
        }
        TRY(store.remove_passkey(id));
        TRY(forget_rest_unless(changing.factors.totp || passkeys.size() > 1, changing));
        Changed changed{.action = "user.remove_passkey"};
        note_change(changed.changes, "passkey", found->name, "");
        return changed;
    });
}

}  // namespace rb::core
