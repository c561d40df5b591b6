// Each limit at its number and one past it, where no test beside the code does so already: bodies,
// heads and floods are held to theirs in the tests of the sessions and in tests/wire.

#include "transport/limits.hpp"

#include "transport/http1/session.hpp"
#include "transport/http2/session.hpp"
#include "transport/services/health_service.hpp"
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
