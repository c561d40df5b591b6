#include "server/handlers/identity/identity_methods.hpp"

#include "server/handlers/caller.hpp"
#include "server/handlers/wire_values.hpp"
#include "server/middleware/credential.hpp"

#include <rustbill/identity.pb.h>

namespace rb::server {

namespace identity_wire = rustbill::identity;
using transport::CallContext;

namespace {

// Where the page of administrators stands.
constexpr const char* admin_path = "/admin/";

void fill(const core::Profile& profile, identity_wire::UserInfo& info) {
    const auto& user = profile.user;
    info.set_id(user.id.to_string());
    info.set_username(user.username);
    info.set_email(user.email);
    info.set_display_name(user.display_name);
    info.set_role(user.role);
    info.set_is_active(user.is_active);
    info.set_created_at(time_text(user.created_at));
    info.set_user_type(std::string(core::name_of(user.type)));
    info.set_customer_id(id_text(profile.customer));
}

core::PasskeyAssertion assertion_from(const identity_wire::PasskeyAssertion& passkey) {
    return {.credential_id = passkey.credential_id(),
            .client_data_json = passkey.client_data_json(),
            .authenticator_data = passkey.authenticator_data(),
            .signature = passkey.signature()};
}

Result<identity_wire::LoginResponse> login_admin(core::SignInService& sign_in, CallContext& call,
                                                 const identity_wire::LoginRequest& request) {
    const auto client = client_info_of(call);
    const auto signed_in =
        TRY(request.has_passkey() ? sign_in.sign_in_admin(assertion_from(request.passkey()), client)
                                  : sign_in.sign_in_admin(request.username(), request.password(),
                                                          client, request.code()));
    const auto& settings = sign_in.session_settings();
    call.response_headers().add("set-cookie",
                                core::session_cookie(settings, signed_in.session_token));
    identity_wire::LoginResponse response;
    response.set_expires_in(
        std::chrono::duration_cast<std::chrono::seconds>(settings.absolute_timeout).count());
    response.set_admin_path(admin_path);
    fill(signed_in.profile, *response.mutable_user());
    return response;
}

Result<identity_wire::LoginResponse> login_customer(core::SignInService& sign_in,
                                                    const CallContext& call,
                                                    const identity_wire::LoginRequest& request) {
    const auto client = client_info_of(call);
    const auto signed_in = TRY(
        request.has_passkey() ? sign_in.sign_in_customer(assertion_from(request.passkey()), client)
                              : sign_in.sign_in_customer(request.username(), request.password(),
                                                         client, request.code()));
    identity_wire::LoginResponse response;
    response.set_access_token(signed_in.access_token);
    response.set_refresh_token(signed_in.refresh_token);
    response.set_expires_in(signed_in.expires_in.count());
    fill(signed_in.profile, *response.mutable_user());
    return response;
}

// The operations manual 7.3 has failed credentials at WARN. Not the name that was given: people
// type passwords there.
void report_refused(core::Log& log, const CallContext& call, core::UserType type,
                    const Error& error) {
    if (error.code != ErrorCode::unauthenticated && error.code != ErrorCode::too_many_requests) {
        return;
    }
    log.warn("rustbill_server::auth", "sign-in refused",
             {{"user_type", core::name_of(type)},
              {"reason", error.message},
              {"detail", error.detail},
              {"ip", client_info_of(call).ip}});
}

Result<identity_wire::LoginResponse> login(core::SignInService& sign_in, core::Log& log,
                                           CallContext& call,
                                           const identity_wire::LoginRequest& request) {
    const auto type = TRY(core::parse_user_type(request.user_type()));
    auto response = type == core::UserType::admin ? login_admin(sign_in, call, request)
                                                  : login_customer(sign_in, call, request);
    if (response.has_error()) report_refused(log, call, type, response.error());
    return response;
}

Result<identity_wire::RefreshTokenResponse> refresh(
    core::SignInService& sign_in, const identity_wire::RefreshTokenRequest& request) {
    const auto signed_in = TRY(sign_in.refresh(request.refresh_token()));
    identity_wire::RefreshTokenResponse response;
    response.set_access_token(signed_in.access_token);
    response.set_expires_in(signed_in.expires_in.count());
    response.set_refresh_token(signed_in.refresh_token);
    return response;
}

Result<identity_wire::LogoutResponse> logout(core::SignInService& sign_in, CallContext& call) {
    // A credential that is over is signed out. One that another site's page used, or that the
    // database could not be asked about, is not.
    const auto* problem = call.attributes().find<CredentialProblem>();
    if (problem != nullptr && problem->error.code != ErrorCode::unauthenticated) {
        return problem->error;
    }
    const auto actor = actor_of(call);
    TRY(sign_in.sign_out(actor));
    const auto& settings = sign_in.session_settings();
    // A browser would send the cookie of a session that is over for ever.
    if (actor.kind == core::ActorKind::admin ||
        (problem != nullptr && call.metadata().find_cookie(settings.cookie_name))) {
        call.response_headers().add("set-cookie", core::cleared_session_cookie(settings));
    }
    return identity_wire::LogoutResponse();
}

Result<identity_wire::RegisterResponse> register_customer(
    core::RegistrationService& registration, const CallContext& call,
    const identity_wire::RegisterRequest& request) {
    const auto profile =
        TRY(registration.register_customer({.username = request.username(),
                                            .email = request.email(),
                                            .display_name = request.display_name(),
                                            .password = request.password(),
                                            .verification_code = request.verification_code()},
                                           client_info_of(call)));
    identity_wire::RegisterResponse response;
    fill(profile, *response.mutable_user());
    response.set_customer_id(id_text(profile.customer));
    return response;
}

Result<identity_wire::SendVerificationCodeResponse> send_code(
    core::RegistrationService& registration,
    const identity_wire::SendVerificationCodeRequest& request) {
    const auto outcome =
        TRY(registration.send_verification_code(request.email(), request.purpose()));
    identity_wire::SendVerificationCodeResponse response;
    response.set_sent(outcome.sent);
    response.set_message(outcome.message);
    response.set_retry_after_secs(static_cast<std::int32_t>(outcome.retry_after.count()));
    return response;
}

}  // namespace

void add_identity_methods(transport::MethodRegistry& registry, core::SignInService& sign_in,
                          core::RegistrationService& registration, core::Log& log) {
    registry.unary<identity_wire::RegisterRequest, identity_wire::RegisterResponse>(
        "/rustbill.identity.IdentityService/Register", [&](CallContext& call, const auto& request) {
            return register_customer(registration, call, request);
        });
    registry.unary<identity_wire::SendVerificationCodeRequest,
                   identity_wire::SendVerificationCodeResponse>(
        "/rustbill.identity.IdentityService/SendVerificationCode",
        [&](CallContext&, const auto& request) { return send_code(registration, request); });
    registry.unary<identity_wire::LoginRequest, identity_wire::LoginResponse>(
        "/rustbill.identity.IdentityService/Login",
        [&](CallContext& call, const auto& request) { return login(sign_in, log, call, request); });
    registry.unary<identity_wire::RefreshTokenRequest, identity_wire::RefreshTokenResponse>(
        "/rustbill.identity.IdentityService/RefreshToken",
        [&](CallContext&, const auto& request) { return refresh(sign_in, request); });
    registry.unary<identity_wire::GetMeRequest, identity_wire::GetMeResponse>(
        "/rustbill.identity.IdentityService/GetMe",
        [&](CallContext& call, const auto&) -> Result<identity_wire::GetMeResponse> {
            identity_wire::GetMeResponse response;
            fill(TRY(sign_in.profile_of(actor_of(call))), *response.mutable_user());
            return response;
        });
    registry.unary<identity_wire::LogoutRequest, identity_wire::LogoutResponse>(
        "/rustbill.identity.IdentityService/Logout",
        [&](CallContext& call, const auto&) { return logout(sign_in, call); });
    registry.unary<identity_wire::ChangePasswordRequest, identity_wire::ChangePasswordResponse>(
        "/rustbill.identity.IdentityService/ChangePassword",
        [&](CallContext& call,
            const auto& request) -> Result<identity_wire::ChangePasswordResponse> {
            TRY(sign_in.change_password(actor_of(call), request.old_password(),
                                        request.new_password()));
            return identity_wire::ChangePasswordResponse();
        });
}

}  // namespace rb::server
