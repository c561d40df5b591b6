#include "server/handlers/caller.hpp"
#include "server/handlers/identity/identity_methods.hpp"
#include "server/handlers/qr_code.hpp"
#include "server/handlers/wire_values.hpp"
#include "server/middleware/credential.hpp"

#include <rustbill/identity.pb.h>

namespace rb::server {

namespace identity_wire = rustbill::identity;
using transport::CallContext;

namespace {

constexpr std::string_view service_path = "/rustbill.identity.IdentityService/";

void fill(const core::Passkey& passkey, identity_wire::PasskeyInfo& info) {
    info.set_id(passkey.id.to_string());
    info.set_name(passkey.name);
    info.set_created_at(time_text(passkey.created_at));
    info.set_last_used_at(time_text(passkey.last_used_at));
}

template <typename Response>
void fill_codes(const std::vector<std::string>& codes, Response& response) {
    response.mutable_recovery_codes()->Assign(codes.begin(), codes.end());
}

Result<identity_wire::ListSecondFactorsResponse> list(core::SecondFactorService& factors,
                                                      const CallContext& call) {
    const auto overview = TRY(factors.overview(actor_of(call)));
    identity_wire::ListSecondFactorsResponse response;
    if (const auto& totp = overview.factors.totp) {
        response.mutable_totp()->set_created_at(time_text(totp->created_at));
    }
    for (const auto& passkey : overview.passkeys) fill(passkey, *response.add_passkeys());
    response.set_recovery_codes_left(overview.factors.recovery_codes);
    response.set_is_required(overview.is_required);
    return response;
}

Result<identity_wire::BeginTotpResponse> begin_totp(
    core::SecondFactorService& factors, const CallContext& call,
    const identity_wire::BeginTotpRequest& request) {
    const auto enrolment =
        TRY(factors.begin_totp(actor_of(call), request.password(), request_origin_of(call)));
    identity_wire::BeginTotpResponse response;
    response.set_secret(enrolment.secret);
    response.set_uri(enrolment.uri);
    response.set_qr_code(qr_data_url(enrolment.uri));
    response.set_enrolment(enrolment.ticket);
    return response;
}

Result<identity_wire::ConfirmTotpResponse> confirm_totp(
    core::SecondFactorService& factors, const CallContext& call,
    const identity_wire::ConfirmTotpRequest& request) {
    identity_wire::ConfirmTotpResponse response;
    fill_codes(TRY(factors.confirm_totp(actor_of(call), request.enrolment(), request.code())),
               response);
    return response;
}

Result<identity_wire::BeginPasskeyResponse> begin_passkey(
    core::SecondFactorService& factors, const CallContext& call,
    const identity_wire::BeginPasskeyRequest& request) {
    const auto enrolment =
        TRY(factors.begin_passkey(actor_of(call), request.password(), request_origin_of(call)));
    const auto& user = enrolment.user;
    identity_wire::BeginPasskeyResponse response;
    response.set_challenge(enrolment.challenge);
    response.set_relying_party(enrolment.relying_party);
    response.set_user_handle(user.id.to_string());
    response.set_username(user.username);
    response.set_display_name(user.display_name.empty() ? user.username : user.display_name);
    for (const auto& passkey : enrolment.known) {
        response.add_known_credential_ids(passkey.credential_id);
    }
    return response;
}

Result<identity_wire::ConfirmPasskeyResponse> confirm_passkey(
    core::SecondFactorService& factors, const CallContext& call,
    const identity_wire::ConfirmPasskeyRequest& request) {
    const auto confirmed =
        TRY(factors.confirm_passkey(actor_of(call),
                                    {.name = request.name(),
                                     .client_data_json = request.client_data_json(),
                                     .authenticator_data = request.authenticator_data()},
                                    request_origin_of(call)));
    identity_wire::ConfirmPasskeyResponse response;
    fill(confirmed.passkey, *response.mutable_passkey());
    fill_codes(confirmed.recovery_codes, response);
    return response;
}

Result<identity_wire::BeginPasskeySignInResponse> begin_sign_in(core::SecondFactorService& factors,
                                                                const CallContext& call) {
    const auto challenge = TRY(factors.begin_sign_in(request_origin_of(call)));
    identity_wire::BeginPasskeySignInResponse response;
    response.set_challenge(challenge.challenge);
    response.set_relying_party(challenge.relying_party);
    return response;
}

}  // namespace

void add_second_factor_methods(transport::MethodRegistry& registry,
                               core::SecondFactorService& factors) {
    const auto path = [](std::string_view method) {
        return std::string(service_path) + std::string(method);
    };
    registry
        .unary<identity_wire::BeginPasskeySignInRequest, identity_wire::BeginPasskeySignInResponse>(
            path("BeginPasskeySignIn"),
            [&](CallContext& call, const auto&) { return begin_sign_in(factors, call); });
    registry
        .unary<identity_wire::ListSecondFactorsRequest, identity_wire::ListSecondFactorsResponse>(
            path("ListSecondFactors"),
            [&](CallContext& call, const auto&) { return list(factors, call); });
    registry.unary<identity_wire::BeginTotpRequest, identity_wire::BeginTotpResponse>(
        path("BeginTotp"),
        [&](CallContext& call, const auto& request) { return begin_totp(factors, call, request); });
    registry.unary<identity_wire::ConfirmTotpRequest, identity_wire::ConfirmTotpResponse>(
        path("ConfirmTotp"), [&](CallContext& call, const auto& request) {
            return confirm_totp(factors, call, request);
        });
    registry.unary<identity_wire::RemoveTotpRequest, identity_wire::RemoveTotpResponse>(
        path("RemoveTotp"),
        [&](CallContext& call, const auto& request) -> Result<identity_wire::RemoveTotpResponse> {
            TRY(factors.remove_totp(actor_of(call), request.password()));
            return identity_wire::RemoveTotpResponse();
        });
    registry.unary<identity_wire::BeginPasskeyRequest, identity_wire::BeginPasskeyResponse>(
        path("BeginPasskey"), [&](CallContext& call, const auto& request) {
            return begin_passkey(factors, call, request);
        });
    registry.unary<identity_wire::ConfirmPasskeyRequest, identity_wire::ConfirmPasskeyResponse>(
        path("ConfirmPasskey"), [&](CallContext& call, const auto& request) {
            return confirm_passkey(factors, call, request);
        });
    registry.unary<identity_wire::RemovePasskeyRequest, identity_wire::RemovePasskeyResponse>(
        path("RemovePasskey"),
        [&](CallContext& call,
            const auto& request) -> Result<identity_wire::RemovePasskeyResponse> {
            const auto id = TRY(core::PasskeyId::parse(request.id(), "id"));
            TRY(factors.remove_passkey(actor_of(call), request.password(), id));
            return identity_wire::RemovePasskeyResponse();
        });
    registry
        .unary<identity_wire::RenewRecoveryCodesRequest, identity_wire::RenewRecoveryCodesResponse>(
            path("RenewRecoveryCodes"),
            [&](CallContext& call,
                const auto& request) -> Result<identity_wire::RenewRecoveryCodesResponse> {
                identity_wire::RenewRecoveryCodesResponse response;
                fill_codes(TRY(factors.renew_recovery_codes(actor_of(call), request.password())),
                           response);
                return response;
            });
}

}  // namespace rb::server
