// host::smtp::send(#{ host, port, security, username, password, ca, from, from_name, reply_to, to,
// subject, text, html, message_id, language }) and host::smtp::check(#{ host, port, … }) → Result.

#include "plugin/host/call_state.hpp"
#include "plugin/host/host_modules.hpp"
#include "plugin/limits.hpp"
#include "plugin/smtp/mime_message.hpp"
#include "plugin/smtp/smtp_client.hpp"

#include <algorithm>
#include <optional>

namespace rb::plugin {

namespace {

using rune::Value;
using rune::Vm;

SmtpSecurity security_of(const std::string& word) {
    if (word == "starttls") return SmtpSecurity::starttls;
    if (word == "tls") return SmtpSecurity::tls;
    if (word == "none") return SmtpSecurity::none;
    rune::panic("option `security` must be starttls, tls or none");
}

SmtpServer server_of(const Json& options, const CallState& state) {
    SmtpServer server;
    server.host = text_option(options, "host");
    const auto port = options.value("port", std::int64_t{587});
    if (port < 1 || port > 65535) rune::panic("option `port` must be 1 to 65535");
    server.port = static_cast<std::uint16_t>(port);
    server.security = security_of(text_option(options, "security", "starttls"));
    server.username = text_option(options, "username");
    server.password = text_option(options, "password");
    server.ca_pem = text_option(options, "ca");
    server.timeout = std::min(server.timeout, state.time_left());
    return server;
}

Value result_value(Vm& vm, const SmtpResult& result) {
    if (result.has_value()) return vm.make_ok(Value::unit());
    const auto& failure = result.error();
    if (failure.is_refusal) return make_failure(vm, "refused", failure.message);
    return make_failure(vm, failure.delivery == Delivery::not_sent ? "failed" : "unknown",
                        failure.message);
}

Value no_mail(Vm& vm) {
    return make_failure(vm, "refused", "there is no network here, so no mail is sent");
}

// A mail is one of the requests that a call may make.
std::optional<Value> refusal_of_one_more(Vm& vm, CallState& state) {
    if (++state.http_requests <= http_requests_per_call_max) return std::nullopt;
    return make_failure(
        vm, "failed",
        "more than " + std::to_string(http_requests_per_call_max) + " requests in one call");
}

Value send(Vm& vm, const Json& options) {
    auto& state = call_state(vm);
    check_options(options, "smtp::send",
                  {"host", "port", "security", "username", "password", "ca", "from", "from_name",
                   "reply_to", "to", "subject", "text", "html", "message_id", "language"});
    MailContent mail{.from = text_option(options, "from"),
                     .from_name = text_option(options, "from_name"),
                     .reply_to = text_option(options, "reply_to"),
                     .subject = text_option(options, "subject"),
                     .text = text_option(options, "text"),
                     .html = text_option(options, "html"),
                     .message_id = text_option(options, "message_id"),
                     .language = text_option(options, "language"),
                     .date = state.world->clock.now()};
    const Json to = options.value("to", Json::array());
    if (!to.is_array()) rune::panic("option `to` must be a Vec of String");
    for (const auto& address : to) {
        if (!address.is_string()) rune::panic("option `to` must be a Vec of String");
        mail.to.push_back(address.get<std::string>());
    }
    auto content = write_mail(mail);
    if (content.has_error()) return make_failure(vm, "refused", content.error().message);
    if (state.world->mail == Mail::refused) return no_mail(vm);
    if (const auto refusal = refusal_of_one_more(vm, state)) return *refusal;
    state.may_have_acted = true;
    return result_value(
        vm, send_mail(server_of(options, state), {mail.from, mail.to, std::move(*content)},
                      state.policy, resolve));
}

}  // namespace

rune::Module smtp_module() {
    rune::Module module("host::smtp");
    module.function("send", [](Vm& vm, const Json& options) { return send(vm, options); });
    module.function("check", [](Vm& vm, const Json& options) {
        auto& state = call_state(vm);
        check_options(options, "smtp::check",
                      {"host", "port", "security", "username", "password", "ca"});
        if (state.world->mail == Mail::refused) return no_mail(vm);
        if (const auto refusal = refusal_of_one_more(vm, state)) return *refusal;
        return result_value(vm, check_server(server_of(options, state), state.policy, resolve));
    });
    return module;
}

}  // namespace rb::plugin
