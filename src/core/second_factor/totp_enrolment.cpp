// SecondFactorService: the secret of an authenticator app.

#include "core/identity/own_password.hpp"
#include "core/second_factor/limits.hpp"
#include "core/second_factor/relying_party.hpp"
#include "core/second_factor/second_factor_service.hpp"
#include "core/second_factor/second_factor_store.hpp"
#include "core/second_factor/totp_ticket.hpp"
#include "core/unit_of_work.hpp"

#include <array>

namespace rb::core {

namespace {

// What an app shows beside the code where no name is known.
constexpr std::string_view product_name = "RustBill";

Error has_totp_already() {
    return Error{.code = ErrorCode::failed_precondition,
                 .message = "there is an authenticator app already; remove it first"};
}

std::string new_totp_secret(RandomSource& random) {
    std::array<std::uint8_t, limits::totp_secret_bytes> bytes{};
    random.fill(bytes);
    return {bytes.begin(), bytes.end()};
}

// Neither a username nor a host holds a character that must be escaped in a URI.
std::string key_uri(std::string_view issuer, std::string_view username, std::string_view secret) {
    std::string uri = "otpauth://totp/";
    uri.append(issuer).append(":").append(username);
    uri.append("?secret=").append(secret).append("&issuer=").append(issuer);
    return uri;
}

}  // namespace

Result<TotpEnrolment> SecondFactorService::begin_totp(const Actor& actor, std::string_view password,
                                                      const RequestOrigin& page) {
    const auto user = TRY(check_own_password(ports_.database, ports_.passwords, actor, password));
    {
        auto unit = TRY(ports_.database.begin());
        if (TRY(unit->second_factors().find(user.id)).totp) return has_totp_already();
    }
    const auto secret = new_totp_secret(ports_.random);
    const auto host = relying_party_of(page);
    const auto issuer = host.has_value() ? *host : std::string(product_name);
    auto text = ports_.one_time_passwords.base32(secret);
    auto uri = key_uri(issuer, user.username, text);
    return TotpEnrolment{
        .secret = std::move(text),
        .uri = std::move(uri),
        .ticket = seal_totp_ticket(ports_.sealer, user, secret, ports_.clock.now())};
}

Result<std::vector<std::string>> SecondFactorService::confirm_totp(const Actor& actor,
                                                                   std::string_view ticket,
                                                                   std::string_view code) {
    std::vector<std::string> recovery_codes;
    TRY(change(actor, nullptr, "confirm_totp", [&](const Changing& changing) -> Result<Changed> {
        const auto& [unit, user, factors, now] = changing;
        const auto secret = open_totp_ticket(ports_.sealer, user, ticket, now);
        if (!secret) {
            return Error{.code = ErrorCode::failed_precondition,
                         .message = "enrolment: is over or not yours; begin again",
                         .field = "enrolment"};
        }
        if (factors.totp) return has_totp_already();
        const auto step = ports_.one_time_passwords.step_of(*secret, read_typed_code(code), now);
        if (!step) {
            return invalid_field("code", "is not what the app shows for this secret now");
        }
        recovery_codes = TRY(first_recovery_codes(changing));
        TRY(unit.second_factors().insert_totp(
            user.id, {.sealed_secret = ports_.sealer.seal(totp_secret_owner(user.id),
                                                          totp_secret_field, *secret),
                      .last_step = *step,
                      .created_at = now}));
        return Changed{.action = "user.add_totp"};
    }));
    return recovery_codes;
}

Result<> SecondFactorService::remove_totp(const Actor& actor, std::string_view password) {
    const auto user = TRY(check_own_password(ports_.database, ports_.passwords, actor, password));
    return change(actor, &user, "remove_totp", [&](const Changing& changing) -> Result<Changed> {
        if (!changing.factors.totp) {
            return Error{.code = ErrorCode::not_found,
                         .message = "there is no authenticator app to remove"};
        }
        TRY(changing.unit.second_factors().remove_totp(changing.user.id));
        TRY(forget_rest_unless(changing.factors.passkeys > 0, changing));
        return Changed{.action = "user.remove_totp"};
    });
}

}  // namespace rb::core
