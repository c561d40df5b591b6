// Each limit at its number and one past it, where no test beside the code does so already: bodies,
// heads and floods are held to theirs in the tests of the sessions and in tests/wire.

#include "transport/limits.hpp"

#include "transport/http1/session.hpp"
#include "transport/http2/session.hpp"
#include "transport/services/health_service.hpp"
#include "transport/services/reflection_service.hpp"
#include "transport/testing/desk.hpp"
#include "transport/testing/http2_bytes.hpp"
#include "transport/testing/recording_host.hpp"

#include <gtest/gtest.h>

namespace rb::transport {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;
using http::SessionEnd;
using testing::frame;
using testing::FrameType;

std::unique_ptr<Environment> small_environment() {
    HttpRoutes routes;
    const auto ok = [](CallContext&) -> Result<Response> { return http_text(200, "ok"); };
    routes.add("POST", "/", ok);
    routes.add("POST", "/inline", ok, Execution::io_thread);
    return std::make_unique<Environment>(
        ServerOptions{.max_concurrency = 1, .http_body_bytes_max = 100}, MethodRegistry(),
        std::move(routes), std::vector<std::unique_ptr<Layer>>());
}

TEST(Limits, of_bodies_hold_for_a_connection_and_for_the_server) {
    const auto environment = small_environment();
    BodyBudget one(*environment);
    EXPECT_TRUE(one.take(limits::connection_body_bytes_max));
    EXPECT_FALSE(one.take(1));
    one.give_back(1);
    EXPECT_TRUE(one.take(1));

    std::vector<std::unique_ptr<BodyBudget>> others;
    auto left = limits::body_bytes_max - limits::connection_body_bytes_max;
    for (; left > 0; left -= limits::connection_body_bytes_max) {
        others.push_back(std::make_unique<BodyBudget>(*environment));
        EXPECT_TRUE(others.back()->take(limits::connection_body_bytes_max));
    }
    BodyBudget last(*environment);
    EXPECT_FALSE(last.take(1));
    one.give_back(limits::connection_body_bytes_max);
    EXPECT_TRUE(last.take(1));
    EXPECT_EQ(environment->counters.body_bytes_held.load(),
              limits::body_bytes_max - limits::connection_body_bytes_max + 1);
}

TEST(Limits, of_a_plain_body_are_exact) {
    const auto environment = small_environment();
    for (const std::size_t bytes : {100U, 101U}) {
        testing::Desk desk(*environment);
        desk.use(std::make_unique<http1::Http1Session>(desk, http::SessionLimits{}, TimePoint{}));
        desk.session().receive("POST /inline HTTP/1.1\r\nHost: x\r\nContent-Length: " +
                                   std::to_string(bytes) + "\r\n\r\n" + std::string(bytes, 'x'),
                               TimePoint{});
        std::string out;
        desk.session().produce(out);
        EXPECT_EQ(out.substr(0, 12), bytes == 100 ? "HTTP/1.1 200" : "HTTP/1.1 413");
    }
}

// --- what the I/O thread answers by itself
// --------------------------------------------------------

class CountingLayer final : public Layer {
public:
    explicit CountingLayer(int& calls) : calls_(calls) {}
    Result<Response> handle(CallContext& call, Next next) override {
        ++calls_;
        return next(call);
    }
    [[nodiscard]] bool runs_on_io_thread() const override { return true; }

private:
    int& calls_;
};

// An HTTP/2 connection to health and reflection with one stream open on it.
class InlineStreams : public ::testing::Test {
protected:
    InlineStreams() {
        MethodRegistry methods;
        health.add_to(methods);
        add_reflection(methods);
        std::vector<std::unique_ptr<Layer>> layers;
        layers.push_back(std::make_unique<CountingLayer>(layer_calls));
        environment.emplace(ServerOptions{.max_concurrency = 1}, std::move(methods), HttpRoutes(),
                            std::move(layers));
        desk.emplace(*environment);
        desk->use(std::make_unique<http2::Http2Session>(*desk, http::SessionLimits{}, TimePoint{}));
        feed(testing::preface());
        EXPECT_EQ(answer(), "");
    }
    void open(std::string_view path) {
        feed(frame(FrameType::headers, testing::end_headers, 1,
                   testing::request_fields("POST", path) +
                       testing::field("content-type", "application/grpc")));
    }
    void feed(std::string_view bytes) {
        desk->session().receive(bytes, TimePoint{});
        desk->run_posted();
    }
    void send(std::string_view data) { feed(frame(FrameType::data, 0, 1, data)); }
    // The fields the stream's answer came with, first and last.
    std::string answer() {
        std::string out;
        desk->session().produce(out);
        std::string fields;
        for (const auto& one : testing::take_frames(out)) {
            if (one.type == FrameType::headers) fields += decoder.decode(one.payload);
        }
        return fields;
    }
    static std::string message(std::size_t bytes) {
        return '\0' + testing::number32(static_cast<std::uint32_t>(bytes)) + std::string(bytes, 0);
    }

    int layer_calls = 0;
    HealthService health;
    std::optional<Environment> environment;
    std::optional<testing::Desk> desk;
    testing::HeaderDecoder decoder;
};

TEST_F(InlineStreams, refuse_a_message_by_the_length_it_announces) {
    for (const auto* path : {"/grpc.health.v1.Health/Watch", "/grpc.health.v1.Health/Check",
                             "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo"}) {
        desk.emplace(*environment);
        desk->use(std::make_unique<http2::Http2Session>(*desk, http::SessionLimits{}, TimePoint{}));
        feed(testing::preface());
        testing::HeaderDecoder fresh;
        std::string out;
        desk->session().produce(out);
        open(path);
        send('\0' + testing::number32(limits::inline_message_bytes_max + 1));
        feed(frame(FrameType::data, testing::end_stream, 1));
        out.clear();
        desk->session().produce(out);
        std::string fields;
        for (const auto& one : testing::take_frames(out)) {
            if (one.type == FrameType::headers) fields += fresh.decode(one.payload);
        }
        EXPECT_NE(fields.find("grpc-status: 8\n"), std::string::npos) << path << fields;
    }
}

TEST_F(InlineStreams, take_a_message_of_the_limit) {
    open("/grpc.health.v1.Health/Watch");
    // An unknown field of zeros is no message, which is found out only when all of it is here.
    const auto whole = message(limits::inline_message_bytes_max);
    send(std::string_view(whole).substr(0, 16'000));
    send(std::string_view(whole).substr(16'000));
    EXPECT_EQ(answer(), "");
    feed(frame(FrameType::data, testing::end_stream, 1));
    EXPECT_NE(answer().find("grpc-status: 3\n"), std::string::npos);
}

TEST_F(InlineStreams, of_one_message_do_not_hold_more) {
    open("/grpc.health.v1.Health/Watch");
    for (std::size_t sent = 0; sent < 2 * limits::inline_message_bytes_max; sent += 1029) {
        send(message(1024));
    }
    EXPECT_NE(answer().find("grpc-status: 12\n"), std::string::npos);
}

TEST_F(InlineStreams, pass_the_layers_once_however_many_messages_they_bring) {
    open("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo");
    // list_services: "".
    const std::string ask = "\0\0\0\0\2\x3a\0"s;
    for (int i = 0; i < 5; ++i) send(ask + ask);
    EXPECT_EQ(layer_calls, 1);
    feed(frame(FrameType::data, testing::end_stream, 1));
    EXPECT_NE(answer().find("grpc-status: 0\n"), std::string::npos);
}

TEST(Limits, of_a_calls_deadline_lower_what_the_caller_asks) {
    const auto environment = small_environment();
    environment->workers.stop();
    HealthService health;
    const auto deadline_of = [&](const std::string& head) {
        testing::Desk desk(*environment);
        desk.use(std::make_unique<http1::Http1Session>(desk, http::SessionLimits{}, TimePoint{}));
        const auto before = std::chrono::steady_clock::now();
        desk.session().receive("POST / HTTP/1.1\r\nHost: x\r\n" + head + "\r\n", TimePoint{});
        return desk.last_deadline.value_or(TimePoint{}) - before;
    };
    // Plain HTTP brings no time limit of its own, so it gets ours.
    const auto given = deadline_of("");
    EXPECT_GE(given, limits::call_deadline_max);
    EXPECT_LT(given, limits::call_deadline_max + 1min);
}

TEST(Limits, of_unsent_acknowledgements_end_a_peer_that_does_not_read) {
    testing::RecordingHost host;
    auto now = TimePoint{} + 1h;
    http2::Http2Session session(host, {}, now);
    session.receive(testing::preface(), now);
    std::string out;
    session.produce(out);
    // One a second is far below the rate; it is the missing reader that counts.
    for (std::size_t i = 0; i < limits::unsent_acks_max; ++i) {
        now += 1s;
        session.receive(frame(FrameType::ping, 0, 0, "12345678"), now);
    }
    EXPECT_EQ(session.end(), SessionEnd::open);
    session.receive(frame(FrameType::ping, 0, 0, "12345678"), now + 1s);
    EXPECT_EQ(session.end(), SessionEnd::calm);
}

TEST(Limits, of_window_updates_are_a_ceiling_only) {
    testing::RecordingHost host;
    const auto now = TimePoint{} + 1h;
    http2::Http2Session session(host, {}, now);
    session.receive(testing::preface(), now);
    std::string out;
    session.produce(out);
    const auto one = frame(FrameType::window_update, 0, 0, testing::number32(1));
    std::string thousand;
    for (int i = 0; i < 1000; ++i) thousand += one;
    for (int i = 0; i < static_cast<int>(limits::window_updates_per_second_max) / 1000; ++i) {
        session.receive(thousand, now);
    }
    EXPECT_EQ(session.end(), SessionEnd::open);
    session.receive(one, now);
    session.produce(out);
    EXPECT_EQ(session.end(), SessionEnd::calm);
}

TEST(Limits, of_waiting_output_stop_the_making_of_more) {
    testing::RecordingHost host;
    const auto now = TimePoint{} + 1h;
    http2::Http2Session session(host, {}, now);
    // A peer with windows as large as can be.
    session.receive(testing::preface() + frame(FrameType::settings, 0, 0, "\0\4\x7f\xff\xff\xff"s) +
                        frame(FrameType::window_update, 0, 0, testing::number32(0x7fff0000)) +
                        frame(FrameType::headers, testing::end_headers | testing::end_stream, 1,
                              testing::request_fields("POST", "/")),
                    now);
    const HeaderFields none;
    session.respond(
        1, {.fields = &none, .body = std::string(4 * limits::connection_output_bytes_max, 'x')});
    std::string out;
    session.produce(out);
    EXPECT_GE(out.size(), limits::connection_output_bytes_max);
    // The last frame may pass the mark, by no more than a frame.
    EXPECT_LE(out.size(), limits::connection_output_bytes_max + 16'384 + 9);
}

}  // namespace
}  // namespace rb::transport
