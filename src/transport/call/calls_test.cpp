#include "transport/call/answer_writer.hpp"
#include "transport/call/classify.hpp"
#include "transport/call/request_body.hpp"
#include "transport/call/worker_pool.hpp"
#include "transport/cors_layer.hpp"
#include "transport/gzip.hpp"
#include "transport/services/health_service.hpp"
#include "transport/services/reflection_service.hpp"

#include <gtest/gtest.h>

#include <future>

namespace rb::transport {
namespace {

using namespace std::string_literals;
using namespace std::chrono_literals;

constexpr auto check_path = "/grpc.health.v1.Health/Check";
constexpr auto watch_path = "/grpc.health.v1.Health/Watch";

class Calls : public ::testing::Test {
protected:
    Calls() {
        health.add_to(methods);
        add_reflection(methods);
        const auto ok = [](CallContext&) -> Result<Response> { return http_text(200, "ok"); };
        routes.add("GET", "/health", ok, Execution::io_thread);
        routes.add("POST", "/callbacks/", ok);
        routes.add("POST", "/callbacks/special/", ok);
    }
    Classification of(const std::string& method, const std::string& path, const std::string& type,
                      http::Version version = http::Version::http2) const {
        http::RequestHead head;
        head.version = version;
        head.method = method;
        head.path = path;
        if (!type.empty()) head.fields.add("content-type", type);
        return classify(head, methods, routes);
    }

    HealthService health;
    MethodRegistry methods;
    HttpRoutes routes;
};

TEST_F(Calls, are_told_apart_by_content_type) {
    EXPECT_EQ(of("POST", check_path, "application/grpc").protocol, Protocol::grpc);
    EXPECT_EQ(of("POST", check_path, "application/grpc+proto").protocol, Protocol::grpc);
    EXPECT_EQ(of("POST", check_path, "application/grpc-web").protocol, Protocol::grpc_web);
    EXPECT_EQ(of("POST", check_path, "Application/gRPC-Web+proto; charset=utf-8").protocol,
              Protocol::grpc_web);
    EXPECT_EQ(of("POST", check_path, "application/grpc-web-text").protocol,
              Protocol::grpc_web_text);
    EXPECT_EQ(of("POST", check_path, "application/json; charset=utf-8").protocol,
              Protocol::connect_json);
    EXPECT_EQ(of("POST", check_path, "application/proto").protocol, Protocol::connect_proto);
    EXPECT_EQ(of("GET", "/health", "").protocol, Protocol::http);
    EXPECT_EQ(of("POST", "/callbacks/a", "application/json").protocol, Protocol::http);
    for (const auto* type : {"application/grpc", "application/grpc-web", "application/json"}) {
        EXPECT_FALSE(of("POST", check_path, type).refusal.has_value()) << type;
    }
}

TEST_F(Calls, are_refused_with_the_right_status) {
    const auto status = [&](const std::string& method, const std::string& path,
                            const std::string& type) {
        const auto refusal = of(method, path, type).refusal;
        return refusal ? refusal->http_status : -1;
    };
    EXPECT_EQ(status("GET", check_path, "application/grpc"), 405);
    EXPECT_EQ(status("GET", check_path, ""), 405);
    EXPECT_EQ(status("POST", check_path, "application/grpc+json"), 415);
    EXPECT_EQ(status("POST", check_path, "text/plain"), 415);
    EXPECT_EQ(status("POST", watch_path, "application/json"), 415);
    EXPECT_EQ(status("POST", "/a.B/C", "application/grpc"), 0);
    EXPECT_EQ(status("POST", "/grpc.health.v1.Health/Nothing", "application/json"), 0);
    EXPECT_EQ(status("POST", "/elsewhere", "application/json"), -1);
    EXPECT_EQ(status("CONNECT", "", ""), 501);
    EXPECT_EQ(of("POST", check_path, "application/grpc", http::Version::http1).refusal->http_status,
              505);
    EXPECT_EQ(of("POST", "/a.B/C", "application/grpc").refusal->error.code, ErrorCode::unsupported);
}

TEST_F(Calls, of_methods_win_over_routes_and_longer_routes_over_shorter) {
    EXPECT_EQ(of("POST", "/callbacks/a", "").route->path, "/callbacks/");
    EXPECT_EQ(of("POST", "/callbacks/special/a", "").route->path, "/callbacks/special/");
    EXPECT_EQ(of("HEAD", "/health", "").route->path, "/health");
    EXPECT_EQ(of("POST", "/health", "").route, nullptr);
    EXPECT_EQ(routes.allowed_methods("/health"), "GET, HEAD, OPTIONS");
    EXPECT_EQ(routes.allowed_methods("/nothing"), "");
}

TEST(TimeLimits, are_read_from_the_header_of_the_protocol) {
    HeaderFields fields;
    fields.add("grpc-timeout", "2S");
    fields.add("connect-timeout-ms", "3000");
    EXPECT_EQ(*timeout_of(fields, Protocol::grpc), 2s);
    EXPECT_EQ(*timeout_of(fields, Protocol::grpc_web), 2s);
    EXPECT_EQ(*timeout_of(fields, Protocol::connect_json), 3s);
    EXPECT_EQ(*timeout_of(fields, Protocol::http), std::nullopt);
    EXPECT_EQ(*timeout_of({}, Protocol::grpc), std::nullopt);
}

class Answers : public Calls {
protected:
    WrittenAnswer write(Protocol protocol, Result<Response> outcome, HeaderFields fields = {}) {
        CallContext call(RequestInfo{
            .protocol = protocol, .fields = std::move(fields), .method = methods.find(check_path)});
        call.response_headers().add("x-head", "h");
        call.response_trailers().add("x-trail", "t");
        return write_answer(call, std::move(outcome), Compression::gzip);
    }
    static std::string lines(const HeaderFields& fields) {
        std::string all;
        for (const auto [name, value] : fields) {
            all.append(name).append(": ").append(value).append("\n");
        }
        return all;
    }
    const Response message{.body = "\x08\x01"};
    const Error error{ErrorCode::not_found, "no 余"};
};

TEST_F(Answers, of_grpc_are_data_and_trailers_or_trailers_only) {
    const auto good = write(Protocol::grpc, message);
    EXPECT_EQ(lines(good.fields), "content-type: application/grpc\nx-head: h\n");
    EXPECT_EQ(good.body, "\0\0\0\0\2\x08\x01"s);
    EXPECT_EQ(lines(good.trailers), "grpc-status: 0\nx-trail: t\n");
    const auto bad = write(Protocol::grpc, error);
    EXPECT_EQ(bad.status, 200);
    EXPECT_EQ(lines(bad.fields),
              "content-type: application/grpc\ngrpc-status: 5\ngrpc-message: no %E4%BD%99\n"
              "rb-reason: not_found\nx-head: h\nx-trail: t\n");
    EXPECT_TRUE(bad.body.empty() && bad.trailers.empty());
}

// The form deployed clients read: grpc-status in the response headers of a failure and no data
// frame; data frame and trailer frame on success (wire contract, "Transport").
TEST_F(Answers, of_grpc_web_have_the_bytes_of_the_wire_contract) {
    const auto good = write(Protocol::grpc_web, message);
    EXPECT_EQ(lines(good.fields), "content-type: application/grpc-web+proto\nx-head: h\n");
    EXPECT_EQ(good.body, "\0\0\0\0\2\x08\x01\x80\0\0\0\x1agrpc-status:0\r\nx-trail:t\r\n"s);
    EXPECT_TRUE(good.trailers.empty());
    const auto bad = write(Protocol::grpc_web, error);
    EXPECT_EQ(bad.status, 200);
    EXPECT_TRUE(bad.body.empty());
    EXPECT_EQ(bad.fields.find("grpc-status"), "5");
    EXPECT_EQ(bad.fields.find("grpc-message"), "no %E4%BD%99");
    const auto text = write(Protocol::grpc_web_text, message);
    EXPECT_EQ(text.body, "AAAAAAIIAYAAAAAaZ3JwYy1zdGF0dXM6MA0KeC10cmFpbDp0DQo=");
}

TEST_F(Answers, of_connect_are_bare_messages_or_json_errors) {
    EXPECT_EQ(write(Protocol::connect_proto, message).body, "\x08\x01");
    const auto good = write(Protocol::connect_json, message);
    EXPECT_EQ(good.body, R"({"status":"SERVING"})");
    EXPECT_EQ(lines(good.fields),
              "content-type: application/json\nx-head: h\ntrailer-x-trail: t\n");
    for (const auto protocol : {Protocol::connect_json, Protocol::connect_proto}) {
        const auto bad = write(protocol, error);
        EXPECT_EQ(bad.status, 404);
        EXPECT_EQ(bad.fields.find("content-type"), "application/json");
        EXPECT_EQ(bad.body, R"({"code":"not_found","message":"no 余","reason":"not_found"})");
    }
}

TEST_F(Answers, of_every_protocol_hide_the_detail_of_internal_errors) {
    for (const auto protocol : {Protocol::grpc, Protocol::grpc_web, Protocol::connect_json,
                                Protocol::connect_proto, Protocol::http}) {
        const auto answer = write(protocol, internal_error("select * from secrets"));
        EXPECT_EQ((lines(answer.fields) + answer.body).find("secrets"), std::string::npos);
        EXPECT_TRUE(answer.fields.find("x-request-id").has_value());
    }
}

TEST_F(Answers, of_routes_have_a_status_that_exists) {
    for (const int status : {0, 199, 600, 99999}) {
        EXPECT_EQ(write(Protocol::http, Response{.http_status = status}).status, 500) << status;
    }
    EXPECT_EQ(write(Protocol::http, Response{.http_status = 200}).status, 200);
    EXPECT_EQ(write(Protocol::http, Response{.http_status = 599}).status, 599);
}

TEST_F(Answers, never_say_twice_how_they_are_carried) {
    CallContext call(RequestInfo{});
    for (const auto* name : {"content-length", "transfer-encoding", "connection", "upgrade"}) {
        call.response_headers().add(name, "1");
    }
    const auto answer = write_answer(call, http_text(200, "ok"), Compression::off);
    EXPECT_EQ(lines(answer.fields), "content-type: text/plain; charset=utf-8\n");
}

TEST_F(Answers, are_compressed_from_the_limit_on_for_who_accepts_it) {
    HeaderFields accepts;
    accepts.add("grpc-accept-encoding", "identity,deflate,gzip");
    const std::string below(limits::compress_bytes_min - 1, 'x');
    const std::string at(limits::compress_bytes_min, 'x');
    EXPECT_EQ(write(Protocol::grpc, Response{.body = below}, accepts).body[0], 0);
    const auto packed = write(Protocol::grpc, Response{.body = at}, accepts);
    EXPECT_EQ(packed.body[0], 1);
    EXPECT_EQ(packed.fields.find("grpc-encoding"), "gzip");
    EXPECT_EQ(*gunzip(packed.body.substr(5), at.size()), at);
    EXPECT_EQ(write(Protocol::grpc, Response{.body = at}).body[0], 0);
}

TEST(RequestBodies, of_unary_calls_hold_exactly_one_message) {
    const auto only = [](std::string_view bytes) {
        RequestBody body(Protocol::grpc, 100);
        EXPECT_TRUE(body.append(bytes).has_value());
        const auto raw = body.only_message({});
        return raw.has_error() ? std::string(reason_of(raw.error().code)) : std::string(raw->bytes);
    };
    EXPECT_EQ(only("\0\0\0\0\3abc"s), "abc");
    EXPECT_EQ(only(""), "unsupported");
    EXPECT_EQ(only("\0\0\0\0\1a\0\0\0\0\1b"s), "unsupported");
    EXPECT_EQ(only("\0\0\0\0\3ab"s), "invalid_argument");
}

TEST(RequestBodies, of_connect_are_limited_to_the_byte) {
    RequestBody body(Protocol::connect_json, 3);
    EXPECT_TRUE(body.append("abc").has_value());
    EXPECT_EQ(body.append("d").error().code, ErrorCode::too_large);
}

TEST(Encodings, that_are_unknown_are_refused_by_name) {
    HeaderFields fields;
    fields.add("grpc-encoding", "br");
    const auto refused = check_encoding(fields, Protocol::grpc);
    EXPECT_EQ(refused.error().code, ErrorCode::unsupported);
    EXPECT_NE(refused.error().message.find("gzip"), std::string::npos);
    EXPECT_TRUE(check_encoding(fields, Protocol::connect_json).has_value());
}

// --- workers
// --------------------------------------------------------------------------------------

class Waiting final : public Job {
public:
    Waiting(std::shared_future<void> gate, std::vector<int>& order, int number)
        : gate_(std::move(gate)), order_(order), number_(number) {}
    void run() noexcept override {
        began.set_value();
        gate_.wait();
        order_.push_back(number_);
    }
    std::promise<void> began;

private:
    std::shared_future<void> gate_;
    std::vector<int>& order_;
    int number_;
};

TEST(WorkerPool, runs_first_come_first_served_and_bounds_its_queue) {
    std::promise<void> gate;
    const auto opened = gate.get_future().share();
    std::vector<int> order;
    std::vector<std::shared_ptr<Waiting>> jobs;
    {
        WorkerPool pool(1, 3);
        for (int i = 0; i < 6; ++i) jobs.push_back(std::make_shared<Waiting>(opened, order, i));
        ASSERT_TRUE(pool.submit(jobs[0]));
        jobs[0]->began.get_future().wait();
        EXPECT_TRUE(pool.submit(jobs[1]));
        EXPECT_TRUE(pool.submit(jobs[2]));
        EXPECT_TRUE(pool.submit(jobs[3]));
        EXPECT_EQ(pool.queued(), 3U);
        EXPECT_FALSE(pool.submit(jobs[4]));
        gate.set_value();
        jobs[3]->began.get_future().wait();
        pool.stop();
        EXPECT_FALSE(pool.submit(jobs[5]));
    }
    EXPECT_EQ(order, (std::vector{0, 1, 2, 3}));
}

// --- CORS
// -----------------------------------------------------------------------------------------

class Reached final : public Terminal {
public:
    Result<Response> run(CallContext&) override {
        reached = true;
        return Response{};
    }
    bool reached = false;
};

struct Asked {
    HeaderFields headers;
    int status = 0;
    bool reached = false;
};

Asked ask(const CorsOptions& options, const std::string& method,
          std::initializer_list<std::pair<std::string_view, std::string_view>> fields) {
    RequestInfo info{.http_method = method};
    for (const auto& [name, value] : fields) info.fields.add(name, value);
    CallContext call(std::move(info));
    Reached terminal;
    CorsLayer layer(options);
    const auto outcome = layer.handle(call, Next({}, terminal));
    return {call.response_headers(), outcome->http_status, terminal.reached};
}

TEST(Cors, answers_a_preflight_before_any_credential_is_asked) {
    const auto asked = ask({}, "OPTIONS",
                           {{"origin", "https://a"},
                            {"access-control-request-method", "POST"},
                            {"access-control-request-headers", "authorization"}});
    EXPECT_FALSE(asked.reached);
    EXPECT_EQ(asked.status, 204);
    EXPECT_EQ(asked.headers.find("access-control-allow-origin"), "*");
    EXPECT_EQ(asked.headers.find("access-control-allow-headers"), "authorization");
    EXPECT_EQ(asked.headers.find("access-control-allow-credentials"), std::nullopt);
}

TEST(Cors, exposes_the_status_to_allowed_origins_only) {
    const CorsOptions options{.allowed_origins = {"https://a"}};
    const auto allowed = ask(options, "POST", {{"origin", "https://a"}});
    EXPECT_TRUE(allowed.reached);
    EXPECT_EQ(allowed.headers.find("access-control-allow-origin"), "https://a");
    EXPECT_EQ(allowed.headers.find("access-control-allow-credentials"), "true");
    EXPECT_EQ(allowed.headers.find("vary"), "origin");
    EXPECT_TRUE(allowed.headers.find("access-control-expose-headers")
                    ->starts_with("grpc-status, grpc-message"));
    const auto stranger = ask(options, "POST", {{"origin", "https://b"}});
    EXPECT_TRUE(stranger.reached);
    EXPECT_EQ(stranger.headers.find("access-control-allow-origin"), std::nullopt);
    const auto same_origin = ask(options, "POST", {});
    EXPECT_TRUE(same_origin.headers.empty());
}

TEST(RequestIds, are_taken_when_plain_and_made_otherwise) {
    const auto id_for = [](std::string_view given) {
        RequestInfo info;
        info.fields.add("x-request-id", given);
        return CallContext(std::move(info)).request_id();
    };
    EXPECT_EQ(id_for("Abc-1.2_3"), "Abc-1.2_3");
    EXPECT_EQ(id_for(std::string(64, 'a')), std::string(64, 'a'));
    EXPECT_NE(id_for(std::string(65, 'a')), std::string(65, 'a'));
    EXPECT_NE(id_for("has blank"), "has blank");
    EXPECT_NE(CallContext(RequestInfo{}).request_id(), CallContext(RequestInfo{}).request_id());
}

}  // namespace
}  // namespace rb::transport
