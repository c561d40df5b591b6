// host::grpc_web::call(#{ url, method, message, headers, timeout_ms, tls }) → Result
//
//   Ok(message)                          with all its fields
//   Err(#{ kind, message, status })      status: the gRPC status, -1 when there was none

#include "plugin/grpc/grpc_web_client.hpp"
#include "plugin/host/call_state.hpp"
#include "plugin/host/host_modules.hpp"
#include "plugin/host/tls_options.hpp"
#include "plugin/limits.hpp"

#include <algorithm>

namespace rb::plugin {

namespace {

using rune::Value;
using rune::Vm;

Value failure_value(Vm& vm, std::string_view kind, const std::string& message, int status) {
    const Value failure = vm.make_object();
    vm.set_field(failure, "kind", vm.make_string(kind));
    vm.set_field(failure, "message", vm.make_string(message));
    vm.set_field(failure, "status", Value::of(std::int64_t{status}));
    return vm.make_err(failure);
}

std::string_view kind_of(bool is_refusal, Delivery delivery) {
    if (is_refusal) return "refused";
    return delivery == Delivery::not_sent ? "failed" : "unknown";
}

std::chrono::milliseconds timeout_of(const Json& options, std::chrono::milliseconds time_left) {
    auto timeout = grpc_timeout_default;
    if (options.contains("timeout_ms")) {
        const auto& given = options["timeout_ms"];
        if (!given.is_number_integer() || given.get<std::int64_t>() <= 0) {
            rune::panic("option `timeout_ms` must be a positive integer");
        }
        timeout = std::chrono::milliseconds(given.get<std::int64_t>());
    }
    return std::min({timeout, http_timeout_max, time_left});
}

HttpRequest request_of(const Json& options, std::string body, std::chrono::milliseconds time_left) {
    auto url = text_option(options, "url");
    if (url.ends_with('/')) url.pop_back();
    const auto timeout = timeout_of(options, time_left);
    HttpRequest request{.method = "POST",
                        .url = url + "/" + text_option(options, "method"),
                        .headers = {{"Content-Type", "application/grpc-web+proto"},
                                    {"Accept", "application/grpc-web+proto"},
                                    {"X-Grpc-Web", "1"},
                                    // So that the peer gives up when we do.
                                    {"Grpc-Timeout", std::to_string(timeout.count()) + "m"}},
                        .body = std::move(body),
                        .timeout = timeout,
                        .response_bytes_max = grpc_response_bytes_max};
    if (options.contains("tls")) request.tls = tls_options_of(options["tls"]);
    const Json headers = options.value("headers", Json::object());
    if (!headers.is_object()) rune::panic("option `headers` must be an object");
    for (const auto& [name, value] : headers.items()) {
        if (!value.is_string()) rune::panic("option `headers` must hold Strings");
        request.headers.emplace_back(name, value.get<std::string>());
    }
    return request;
}

Value call(Vm& vm, const Json& options) {
    auto& state = call_state(vm);
    check_options(options, "grpc_web::call",
                  {"url", "method", "message", "headers", "timeout_ms", "tls"});
    if (++state.http_requests > http_requests_per_call_max) {
        return failure_value(vm, "failed", "more than 50 requests in one call", -1);
    }
    const auto method = text_option(options, "method");
    auto body = encode_grpc_request(method, options.value("message", Json::object()));
    if (body.has_error()) rune::panic("grpc_web::call: " + body.error().message);
    const auto response = state.world->http.send(
        request_of(options, std::move(*body), state.time_left()), state.policy);
    if (response.has_error()) {
        const auto& failure = response.error();
        if (failure.delivery == Delivery::uncertain) state.may_have_acted = true;
        return failure_value(vm, kind_of(failure.is_refusal, failure.delivery), failure.message,
                             -1);
    }
    state.may_have_acted = true;
    const auto answer = decode_grpc_answer(method, *response);
    if (answer.has_error()) {
        const auto& failure = answer.error();
        return failure_value(vm, kind_of(failure.is_refusal, failure.delivery), failure.message,
                             failure.status);
    }
    return vm.make_ok(rune::from_json(vm, *answer));
}

}  // namespace

rune::Module grpc_web_module() {
    rune::Module module("host::grpc_web");
    module.function("call", [](Vm& vm, const Json& options) { return call(vm, options); });
    return module;
}

}  // namespace rb::plugin
