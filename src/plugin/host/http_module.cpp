// host::http::request(#{ method, url, … }) → Result
//
//   Ok(#{ status, headers: #{…}, body, body_base64 })   body_base64 only when it is not UTF-8
//   Err(#{ kind, message })

#include "base/utf8.hpp"

#include "plugin/encoding/text_encoding.hpp"
#include "plugin/host/call_state.hpp"
#include "plugin/host/host_modules.hpp"
#include "plugin/host/http_sending.hpp"
#include "plugin/host/tls_options.hpp"
#include "plugin/limits.hpp"

#include <algorithm>

namespace rb::plugin {

namespace {

using rune::Value;
using rune::Vm;

std::string scalar_text(const Json& value, std::string_view where) {
    if (value.is_string()) return value.get<std::string>();
    if (value.is_number_integer() || value.is_boolean()) return value.dump();
    rune::panic(std::string(where) + ": values must be texts, integers or booleans");
}

FieldList fields_of(const Json& object, std::string_view where) {
    FieldList fields;
    if (!object.is_object()) rune::panic(std::string(where) + ": must be an object");
    for (const auto& [name, value] : object.items()) {
        fields.emplace_back(name, scalar_text(value, where));
    }
    return fields;
}

bool has_header(const HttpRequest& request, std::string_view name) {
    return std::ranges::any_of(request.headers, [&](const auto& header) {
        return std::ranges::equal(header.first, name, {}, [](char c) {
            return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        });
    });
}

void set_body(HttpRequest& request, const Json& options) {
    const char* type = nullptr;
    if (options.contains("json")) {
        request.body = options["json"].dump(-1, ' ', false, Json::error_handler_t::replace);
        type = "application/json";
    } else if (options.contains("form")) {
        request.body = form_encode(fields_of(options["form"], "form"));
        type = "application/x-www-form-urlencoded";
    } else if (options.contains("body_base64")) {
        auto body = base64_decode(text_option(options, "body_base64"));
        if (body.has_error()) rune::panic("option `body_base64` is not base64");
        request.body = std::move(*body);
    } else {
        request.body = text_option(options, "body");
    }
    if (type != nullptr && !has_header(request, "content-type")) {
        request.headers.emplace_back("Content-Type", type);
    }
}

HttpRequest request_of(const Json& options, const CallState& state) {
    check_options(options, "http::request",
                  {"method", "url", "headers", "query", "body", "body_base64", "json", "form",
                   "timeout_ms", "tls", "unix_socket", "proxy", "idempotent"});
    HttpRequest request;
    request.method = text_option(options, "method", "GET");
    request.url = text_option(options, "url");
    if (options.contains("headers")) request.headers = fields_of(options["headers"], "headers");
    if (options.contains("query")) {
        const auto query = form_encode(fields_of(options["query"], "query"));
        if (!query.empty()) {
            request.url += (request.url.find('?') == std::string::npos ? "?" : "&") + query;
        }
    }
    set_body(request, options);
    if (options.contains("tls")) request.tls = tls_options_of(options["tls"]);
    request.unix_socket = text_option(options, "unix_socket");
    request.proxy = text_option(options, "proxy");
    auto timeout = http_timeout_default;
    if (options.contains("timeout_ms")) {
        if (!options["timeout_ms"].is_number_integer() ||
            options["timeout_ms"].get<std::int64_t>() <= 0) {
            rune::panic("option `timeout_ms` must be a positive integer");
        }
        timeout = std::chrono::milliseconds(options["timeout_ms"].get<std::int64_t>());
    }
    request.timeout = timeout_for_call(state, timeout);
    return request;
}

Json answer_of(const HttpResponse& response) {
    Json headers = Json::object();
    for (const auto& [name, value] : response.headers) {
        if (!is_utf8(name) || !is_utf8(value)) continue;
        // As RFC 9110, 5.3 has it: several lines of one name are one list.
        headers[name] =
            headers.contains(name) ? headers[name].get<std::string>() + ", " + value : value;
    }
    Json answer = Json::object();
    answer["status"] = response.status;
    answer["headers"] = std::move(headers);
    if (is_utf8(response.body)) {
        answer["body"] = response.body;
    } else {
        answer["body"] = "";
        answer["body_base64"] = base64_encode(response.body);
    }
    return answer;
}

Value request(Vm& vm, const Json& options) {
    auto& state = call_state(vm);
    const auto request = request_of(options, state);
    const bool is_repeatable =
        request.method == "GET" || request.method == "HEAD" || options.value("idempotent", false);
    const auto sent = send_for_call(state, request, is_repeatable);
    if (const auto* error = std::get_if<HttpError>(&sent)) {
        return make_failure(vm, error->kind, error->message);
    }
    return vm.make_ok(rune::from_json(vm, answer_of(std::get<HttpResponse>(sent))));
}

}  // namespace

rune::Module http_module() {
    rune::Module module("host::http");
    module.function("request", [](Vm& vm, const Json& options) { return request(vm, options); });
    return module;
}

}  // namespace rb::plugin
