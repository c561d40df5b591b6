#include "wire/echo_service.hpp"

#include <echo.pb.h>

#include <charconv>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>

namespace rb::wiretest {
namespace {

using rustbill::wiretest::EchoRequest;
using rustbill::wiretest::EchoResponse;
using transport::CallContext;
using transport::Execution;
using transport::MethodRegistry;
using transport::Response;
using transport::StreamReader;
using transport::StreamWriter;

struct NamedCode {
    std::string_view reason;
    ErrorCode code;
};
constexpr NamedCode codes[] = {
#define RB_ERROR(code, reason, grpc, retry) {reason, ErrorCode::code},
#include "base/errors.def"
#undef RB_ERROR
};

Result<> fail_if_asked(const EchoRequest& request) {
    if (request.fail_with().empty()) return {};
    for (const auto& known : codes) {
        if (known.reason == request.fail_with()) {
            return Error{known.code, request.fail_message(), {}, "detail that must not leak"};
        }
    }
    return invalid_field("fail_with", "must be a reason word");
}

// A handler that works for a while and asks between its steps whether anybody still waits.
Result<> work(const CallContext& call, std::uint32_t milliseconds, EchoCounters& counters) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(milliseconds);
    ++counters.running;
    bool cancelled = false;
    std::mutex mutex;
    std::condition_variable step;
    std::unique_lock lock(mutex);
    while (std::chrono::steady_clock::now() < end && !cancelled) {
        // Stands for a slow step; nothing wakes it.
        step.wait_for(lock, std::chrono::milliseconds(2));
        cancelled = call.cancelled();
    }
    --counters.running;
    if (!cancelled) return {};
    ++counters.cancelled;
    return Error{ErrorCode::cancelled, "nobody waits"};
}

void echo_metadata(CallContext& call) {
    for (const auto [name, value] : call.metadata()) {
        if (name.starts_with("x-echo")) call.response_headers().add(name, value);
        if (name.starts_with("x-trail")) call.response_trailers().add(name, value);
    }
    if (call.metadata().find("x-echo")) {
        call.response_headers().add("x-echo-host", call.metadata().find("host").value_or(""));
    }
}

EchoResponse answer_to(const EchoRequest& request, std::uint32_t index = 0) {
    EchoResponse response;
    response.set_text(request.text());
    response.set_number(request.number());
    response.set_index(index);
    if (request.payload_bytes() > 0) {
        response.set_payload(std::string(request.payload_bytes(), 'x'));
    } else {
        response.set_payload(request.payload());
    }
    return response;
}

Result<EchoRequest> parsed(std::string_view bytes) {
    EchoRequest request;
    if (!MethodRegistry::parse(bytes, request)) return MethodRegistry::unreadable(request);
    return request;
}

Result<> server_stream(CallContext& call, std::string_view bytes, StreamWriter& writer,
                       EchoCounters& counters) {
    const auto request = TRY(parsed(bytes));
    echo_metadata(call);
    for (std::uint32_t i = 0; i < request.count(); ++i) {
        if (request.delay_ms() > 0) TRY(work(call, request.delay_ms(), counters));
        if (const auto written = writer.write(answer_to(request, i).SerializeAsString());
            written.has_error()) {
            ++counters.cancelled;
            return written.error();
        }
    }
    return fail_if_asked(request);
}

Result<std::string> client_stream(CallContext& call, StreamReader& reader) {
    echo_metadata(call);
    EchoResponse sum;
    while (auto bytes = TRY(reader.read())) {
        const auto request = TRY(parsed(*bytes));
        TRY(fail_if_asked(request));
        sum.set_text(sum.text() + request.text());
        sum.set_number(sum.number() + static_cast<std::int64_t>(request.payload().size()));
        sum.set_index(sum.index() + 1);
    }
    return sum.SerializeAsString();
}

Result<> bidi(CallContext& call, StreamReader& reader, StreamWriter& writer,
              EchoCounters& counters) {
    echo_metadata(call);
    std::uint32_t index = 0;
    while (true) {
        auto bytes = reader.read();
        if (bytes.has_error()) {
            ++counters.cancelled;
            return bytes.error();
        }
        if (!*bytes) return {};
        const auto request = TRY(parsed(**bytes));
        TRY(fail_if_asked(request));
        TRY(writer.write(answer_to(request, index++).SerializeAsString()));
    }
}

Result<std::uint32_t> number_in(std::string_view query, std::string_view name) {
    std::uint32_t number = 0;
    if (query.starts_with(name)) {
        query.remove_prefix(name.size() + 1);
        const auto [end, error] =
            std::from_chars(query.data(), query.data() + query.size(), number);
        if (error == std::errc()) return number;
    }
    return invalid_field(std::string(name), "must be a number");
}

}  // namespace

void add_echo(MethodRegistry& methods, EchoCounters& counters) {
    const auto unary = [&counters](CallContext& call,
                                   const EchoRequest& request) -> Result<EchoResponse> {
        echo_metadata(call);
        if (request.delay_ms() > 0) TRY(work(call, request.delay_ms(), counters));
        TRY(fail_if_asked(request));
        return answer_to(request);
    };
    methods.unary<EchoRequest, EchoResponse>("/rustbill.wiretest.Echo/Unary", unary);
    methods.unary<EchoRequest, EchoResponse>("/rustbill.wiretest.Echo/Fast", unary,
                                             Execution::io_thread);
    methods.add("/rustbill.wiretest.Echo/ServerStream",
                transport::ServerStreamHandler(
                    [&counters](CallContext& call, std::string_view bytes, StreamWriter& writer) {
                        return server_stream(call, bytes, writer, counters);
                    }));
    methods.add("/rustbill.wiretest.Echo/ClientStream",
                transport::ClientStreamHandler(client_stream));
    methods.add("/rustbill.wiretest.Echo/Bidi",
                transport::BidiHandler(
                    [&counters](CallContext& call, StreamReader& reader, StreamWriter& writer) {
                        return bidi(call, reader, writer, counters);
                    }));
}

void add_routes(transport::HttpRoutes& routes, EchoCounters& counters) {
    routes.add(
        "GET", "/health",
        [](CallContext&) -> Result<Response> { return transport::http_text(200, "ok"); },
        Execution::io_thread);
    routes.add("GET", "/ready", [](CallContext&) -> Result<Response> {
        return transport::http_json(200, R"({"ready":true})");
    });
    for (const char* prefix : {"/payment/callback/", "/callbacks/"}) {
        routes.add("POST", prefix, [](CallContext& call) -> Result<Response> {
            return transport::http_text(
                200, std::string(call.path()) + " " + std::to_string(call.body().size()));
        });
    }
    routes.add("GET", "/bytes", [](CallContext& call) -> Result<Response> {
        const auto count = TRY(number_in(call.query(), "n"));
        return Response{.content_type = "application/octet-stream",
                        .body = std::string(count, 'x')};
    });
    routes.add("GET", "/sleep", [&counters](CallContext& call) -> Result<Response> {
        TRY(work(call, TRY(number_in(call.query(), "ms")), counters));
        return transport::http_text(200, "slept");
    });
}

}  // namespace rb::wiretest
