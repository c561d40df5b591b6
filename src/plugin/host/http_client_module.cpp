// The module `http` as scripts written for the language's own runtime know it:
//
//   let answer = http::Client::new().post(url).header("Accept", "text/plain").send().await?;
//   answer.status() == http::StatusCode::OK && answer.text().await? == "…"
//
// Requests leave by the client of host::http, with its grants and limits; redirects are not
// followed. A request is made when its future is awaited and blocks the call meanwhile.

#include "base/utf8.hpp"

#include "plugin/encoding/text_encoding.hpp"
#include "plugin/host/host_modules.hpp"
#include "plugin/host/http_sending.hpp"
#include "plugin/host/http_status.hpp"
#include "plugin/limits.hpp"

#include <charconv>
#include <memory>
#include <utility>

namespace rb::plugin {

namespace {

using rune::NativeFuture;
using rune::Protocol;
using rune::Value;
using rune::Vm;

struct ScriptClient {};

struct HttpVersion {
    std::string text;
};

class RequestBuilder final : public rune::NativeObject {
public:
    explicit RequestBuilder(HttpRequest request) : request(std::move(request)) {}
    [[nodiscard]] std::size_t bytes() const override {
        return sizeof(*this) + request.url.size() + request.body.size();
    }

    HttpRequest request;
};

class ScriptResponse final : public rune::NativeObject {
public:
    ScriptResponse(HttpResponse response, bool is_repeatable)
        : response(std::move(response)), is_repeatable(is_repeatable) {}
    [[nodiscard]] std::size_t bytes() const override {
        return sizeof(*this) + response.body.size();
    }

    HttpResponse response;
    // Whether asking again for what cannot be read does no harm.
    bool is_repeatable;
};

template <typename T>
Value make_owned(Vm& vm, std::unique_ptr<T> object) {
    const auto* type = vm.context().type_of_cpp(typeid(T));
    return vm.make_native(*type, std::move(object));
}

// Ready at once.
class ReadyValue final : public NativeFuture {
public:
    explicit ReadyValue(Value value) : value_(value) {}

    std::optional<Value> poll(Vm&) override { return value_; }
    void trace(rune::Tracer& tracer) const override { tracer.visit(value_); }

private:
    Value value_;
};

class RequestUnderWay final : public NativeFuture {
public:
    explicit RequestUnderWay(HttpRequest request) : request_(std::move(request)) {}

    std::optional<Value> poll(Vm& vm) override {
        auto& state = call_state(vm);
        request_.timeout = timeout_for_call(state, http_timeout_default);
        const bool is_repeatable = request_.method == "GET" || request_.method == "HEAD";
        auto sent = send_for_call(state, request_, is_repeatable);
        if (auto* error = std::get_if<HttpError>(&sent)) {
            return vm.make_err(vm.make_native(std::move(*error)));
        }
        return vm.make_ok(
            make_owned(vm, std::make_unique<ScriptResponse>(std::move(std::get<HttpResponse>(sent)),
                                                            is_repeatable)));
    }

private:
    HttpRequest request_;
};

using Future = std::unique_ptr<NativeFuture>;

RequestBuilder& builder_of(Vm& vm, Value builder) {
    return vm.native_of<RequestBuilder>(builder);
}

// What is left behind under the old name reads as moved.
Value with_header(Vm& vm, Value builder, std::string_view name, std::string_view value) {
    builder_of(vm, builder).request.headers.emplace_back(name, value);
    return vm.take_over(builder);
}

Value with_basic_auth(Vm& vm, Value builder, const std::string& user,
                      const std::optional<std::string>& password) {
    return with_header(vm, builder, "Authorization",
                       "Basic " + base64_encode(user + ":" + password.value_or("")));
}

Value with_body(Vm& vm, Value builder, const rune::Bytes& body) {
    builder_of(vm, builder).request.body = body.content;
    return vm.take_over(builder);
}

Future sending(Vm& vm, Value builder) {
    auto request = std::move(builder_of(vm, builder).request);
    vm.take(builder);
    return std::make_unique<RequestUnderWay>(std::move(request));
}

// The content, which the response gives away.
std::string body_of(Vm& vm, Value response) {
    auto body = std::move(vm.native_of<ScriptResponse>(response).response.body);
    vm.take(response);
    return body;
}

Future response_text(Vm& vm, Value response) {
    const auto body = body_of(vm, response);
    return std::make_unique<ReadyValue>(vm.make_ok(vm.make_string(valid_utf8(body))));
}

Future response_bytes(Vm& vm, Value response) {
    const auto body = body_of(vm, response);
    return std::make_unique<ReadyValue>(vm.make_ok(vm.make_bytes(body)));
}

// As json::from_string reads it.
Future response_json(Vm& vm, Value response) {
    const auto* read = vm.context().find("::json::from_string");
    if (read == nullptr || read->function == nullptr) rune::panic("http needs the module json");
    const bool is_repeatable = vm.native_of<ScriptResponse>(response).is_repeatable;
    const auto body = body_of(vm, response);
    Value text = vm.make_string(valid_utf8(body));
    rune::NativeCall call{vm, &text, 1};
    const Value result = read->function->body(call);
    const auto* variant = static_cast<rune::VariantObject*>(result.object);
    if (variant->which() == rune::BuiltinVariant::ok) return std::make_unique<ReadyValue>(result);
    HttpError error{is_repeatable ? "failed" : "unknown",
                    "the answer is no JSON: " + vm.display(variant->payload)};
    return std::make_unique<ReadyValue>(vm.make_err(vm.make_native(std::move(error))));
}

std::optional<std::uint64_t> content_length(ScriptResponse& response) {
    const auto text = response.response.header("content-length");
    std::uint64_t length = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), length);
    if (problem != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return length;
}

void declare_http_client(rune::Module& http) {
    auto client = http.type<ScriptClient>("Client");
    client.function("new", [] { return ScriptClient{}; });
    for (const std::string method : {"GET", "POST", "PUT", "DELETE", "HEAD"}) {
        std::string name;
        for (const char letter : method) name += static_cast<char>(letter - 'A' + 'a');
        client.method(name, [method](Vm& vm, ScriptClient&, std::string_view url) {
            return make_owned(vm, std::make_unique<RequestBuilder>(
                                      HttpRequest{.method = method, .url = std::string(url)}));
        });
    }
    http.type<RequestBuilder>("RequestBuilder")
        .method("header", with_header)
        .method("body_bytes", with_body)
        .method("basic_auth", with_basic_auth)
        .method("bearer_auth",
                [](Vm& vm, Value builder, const std::string& token) {
                    return with_header(vm, builder, "Authorization", "Bearer " + token);
                })
        .method("send", sending);
}

void declare_http_response(rune::Module& http) {
    http.type<ScriptResponse>("Response")
        .method("status",
                [](ScriptResponse& r) {
                    return HttpStatus{static_cast<std::uint16_t>(r.response.status)};
                })
        .method("content_length", content_length)
        .method("version", [](ScriptResponse& r) { return HttpVersion{r.response.version}; })
        .method("text", response_text)
        .method("json", response_json)
        .method("bytes", response_bytes);
    http.type<HttpVersion>("Version")
        .protocol(Protocol::partial_eq,
                  [](HttpVersion& a, HttpVersion& b) { return a.text == b.text; })
        .protocol(Protocol::debug, [](HttpVersion& version) { return version.text; });
    http.type<HttpError>("Error")
        .field("kind", [](HttpError& error) { return error.kind; })
        .field("message", [](HttpError& error) { return error.message; })
        .protocol(Protocol::display, [](HttpError& error) { return error.message; })
        .protocol(Protocol::debug, [](HttpError& error) {
            return "Error(" + error.kind + ": " + error.message + ")";
        });
}

}  // namespace

rune::Module http_client_module() {
    rune::Module http("http");
    declare_http_status(http);
    declare_http_client(http);
    declare_http_response(http);
    http.async_function("get", [](const std::string& url) -> Future {
        return std::make_unique<RequestUnderWay>(HttpRequest{.method = "GET", .url = url});
    });
    return http;
}

}  // namespace rb::plugin
