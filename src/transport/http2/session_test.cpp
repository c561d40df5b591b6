#include "transport/http2/session.hpp"

#include "transport/testing/http2_bytes.hpp"
#include "transport/testing/recording_host.hpp"

#include <gtest/gtest.h>

namespace rb::transport {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;
using http::SessionEnd;
using testing::end_headers;
using testing::end_stream;
using testing::frame;
using testing::FrameType;
using testing::request_fields;

class Http2 : public ::testing::Test {
protected:
    void SetUp() override {
        feed(testing::preface());
        EXPECT_EQ(output(),
                  // SETTINGS: 3 = 128 streams, 4 = 256 KiB window, 6 = 16 KiB of headers; then
                  // WINDOW_UPDATE of the connection to 1 MiB, and the acknowledgement.
                  frame(FrameType::settings, 0, 0, "\0\3\0\0\0\x80\0\4\0\4\0\0\0\6\0\0\x40\0"s) +
                      frame(FrameType::settings, testing::ack, 0) +
                      frame(FrameType::window_update, 0, 0, testing::number32(1048576 - 65535)));
        feed(frame(FrameType::settings, testing::ack, 0));
    }

    void feed(std::string_view bytes) { session.receive(bytes, now); }
    std::string output() {
        std::string out;
        session.produce(out);
        return out;
    }
    // What was sent, one line a frame.
    std::string sent() {
        auto bytes = output();
        std::string lines;
        for (const auto& one : testing::take_frames(bytes)) {
            const auto id = std::to_string(one.stream);
            const std::string last = (one.flags & end_stream) != 0 ? " END" : "";
            switch (one.type) {
                case FrameType::headers:
                    lines += "HEADERS " + id + last + "\n" + decoder.decode(one.payload);
                    break;
                case FrameType::data:
                    lines += "DATA " + id + last + " " + one.payload + "\n";
                    break;
                case FrameType::rst_stream:
                    lines += "RST " + id + " " + std::to_string(one.payload[3]) + "\n";
                    break;
                case FrameType::goaway:
                    lines += "GOAWAY " + std::to_string(one.payload[7]) + "\n";
                    break;
                case FrameType::ping:
                    lines += "PING\n";
                    break;
                case FrameType::window_update:
                    lines += "WINDOW " + id + "\n";
                    break;
                default:
                    lines += "frame " + std::to_string(static_cast<int>(one.type)) + "\n";
            }
        }
        return lines;
    }
    static std::string request(std::uint32_t id, std::string_view path,
                               std::uint8_t flags = end_headers | end_stream,
                               const std::string& more = {}) {
        return frame(FrameType::headers, flags, id, request_fields("POST", path) + more);
    }
    void answer(http::StreamId id, std::string body) {
        const HeaderFields none;
        session.respond(id, {.fields = &none, .body = std::move(body)});
    }

    TimePoint now = TimePoint{} + 1h;
    testing::RecordingHost host;
    http2::Http2Session session{host, {}, now};
    testing::HeaderDecoder decoder;
};

TEST_F(Http2, answers_a_call_with_head_data_and_trailers) {
    feed(request(1, "/s/M?q", end_headers) + frame(FrameType::data, end_stream, 1, "hello"));
    EXPECT_EQ(host.log(), "open 1 POST /s/M; body 1 hello; end 1");
    EXPECT_EQ(host.heads[0].query, "q");
    EXPECT_EQ(host.heads[0].fields.find("host"), "test");
    HeaderFields fields;
    fields.add("content-type", "application/grpc");
    HeaderFields trailers;
    trailers.add("grpc-status", "0");
    session.respond(
        1, {.fields = &fields, .with_length = false, .body = "world", .trailers = &trailers});
    // Golden: indexed :status 200, literal content-type; data; literal grpc-status.
    const auto bytes = output();
    EXPECT_EQ(bytes, frame(FrameType::headers, end_headers, 1,
                           "\x88\x5f\x8b\x1d\x75\xd0\x62\x0d\x26\x3d\x4c\x4d\x65\x64"s) +
                         frame(FrameType::data, 0, 1, "world") +
                         frame(FrameType::headers, end_headers | end_stream, 1,
                               "\x40\x88\x9a\xca\xc8\xb2\x12\x34\xda\x8f\x01\x30"s));
    EXPECT_EQ(host.events.back(), "complete 1");
    EXPECT_EQ(session.open_streams(), 0U);
}

TEST_F(Http2, answers_without_a_body_in_one_frame) {
    feed(request(1, "/"));
    HeaderFields fields;
    fields.add("grpc-status", "5");
    session.respond(1, {.fields = &fields, .with_length = false});
    EXPECT_EQ(sent(), "HEADERS 1 END\n:status: 200\ngrpc-status: 5\n");
}

TEST_F(Http2, takes_the_same_bytes_one_at_a_time) {
    const auto bytes = request(1, "/a", end_headers) + frame(FrameType::data, end_stream, 1, "xy");
    for (const char byte : bytes) feed({&byte, 1});
    EXPECT_EQ(host.log(), "open 1 POST /a; body 1 x; body 1 y; end 1");
}

TEST_F(Http2, interleaves_streams) {
    feed(request(1, "/1") + request(3, "/3"));
    answer(3, "three");
    answer(1, "one");
    EXPECT_EQ(sent(),
              "HEADERS 3\n:status: 200\ncontent-length: 5\nHEADERS 1\n:status: 200\n"
              "content-length: 3\nDATA 3 END three\nDATA 1 END one\n");
}

TEST_F(Http2, streams_an_answer_as_it_is_written) {
    feed(request(1, "/"));
    session.begin(1, 200, {});
    EXPECT_EQ(sent(), "HEADERS 1\n:status: 200\n");
    session.write(1, "a");
    session.write(1, "b");
    EXPECT_EQ(sent(), "DATA 1 ab\n");
    EXPECT_EQ(host.events.back(), "unsent 1 0");
    HeaderFields trailers;
    trailers.add("grpc-status", "0");
    session.finish(1, trailers);
    EXPECT_EQ(sent(), "HEADERS 1 END\ngrpc-status: 0\n");
}

TEST_F(Http2, holds_an_answer_to_the_peers_window) {
    feed(request(1, "/"));
    answer(1, std::string(70'000, 'x'));
    auto bytes = output();
    std::size_t data = 0;
    for (const auto& one : testing::take_frames(bytes)) {
        if (one.type == FrameType::data) data += one.payload.size();
    }
    EXPECT_EQ(data, 65'535U);
    feed(frame(FrameType::window_update, 0, 0, testing::number32(10'000)) +
         frame(FrameType::window_update, 0, 1, testing::number32(10'000)));
    EXPECT_EQ(sent(), "DATA 1 END " + std::string(70'000 - 65'535, 'x') + "\n");
}

TEST_F(Http2, gives_credit_only_when_a_slow_handler_has_read) {
    host.credit = http::StreamHandler::Credit::later;
    feed(request(1, "/", end_headers));
    for (int i = 0; i < 16; ++i) feed(frame(FrameType::data, 0, 1, std::string(10'000, 'x')));
    EXPECT_EQ(sent(), "");
    session.consumed(1, 160'000);
    EXPECT_EQ(sent(), "WINDOW 1\n");
}

TEST_F(Http2, tells_a_peer_it_may_stop_sending_when_the_answer_is_out) {
    feed(request(1, "/", end_headers) + frame(FrameType::data, 0, 1, "par"));
    answer(1, "no");
    EXPECT_EQ(sent(), "HEADERS 1\n:status: 200\ncontent-length: 2\nDATA 1 END no\nRST 1 0\n");
    EXPECT_EQ(host.events.back(), "complete 1");
    feed(frame(FrameType::data, end_stream, 1, "tial"));
    EXPECT_EQ(session.end(), SessionEnd::open);
}

TEST_F(Http2, aborts_what_the_peer_resets) {
    feed(request(1, "/") + frame(FrameType::rst_stream, 0, 1, testing::number32(8)));
    EXPECT_EQ(host.log(), "open 1 POST /; end 1; abort 1");
    answer(1, "nobody hears");
    EXPECT_EQ(sent(), "");
}

TEST_F(Http2, takes_heads_up_to_the_limit_and_marks_larger_ones) {
    const auto fixed = 32 + 8U;  // host: test
    const auto path_bytes = 1U;
    const auto room = limits::header_list_bytes_max - fixed - path_bytes - 32 - 1;
    feed(request(1, "/", end_headers | end_stream, testing::field("x", std::string(room, 'v'))));
    EXPECT_EQ(host.log(), "open 1 POST /; end 1");
    feed(
        request(3, "/", end_headers | end_stream, testing::field("x", std::string(room + 1, 'v'))));
    EXPECT_EQ(host.events[2], "open 3 too_large");
}

TEST_F(Http2, takes_as_many_fields_as_the_limit_and_marks_more) {
    std::string fields;
    for (std::size_t i = 1; i < limits::header_fields_max; ++i) fields += testing::field("a", "b");
    feed(request(1, "/", end_headers | end_stream, fields));
    EXPECT_EQ(host.events[0], "open 1 POST /");
    feed(request(3, "/", end_headers | end_stream, fields + testing::field("a", "b")));
    EXPECT_EQ(host.events[2], "open 3 too_large");
}

TEST_F(Http2, ends_a_peer_that_opens_more_streams_than_it_was_told) {
    for (std::uint32_t i = 0; i < limits::concurrent_streams_max; ++i) {
        feed(request(2 * i + 1, "/"));
    }
    EXPECT_EQ(session.open_streams(), limits::concurrent_streams_max);
    EXPECT_EQ(sent(), "");
    feed(request(2 * limits::concurrent_streams_max + 1, "/"));
    EXPECT_EQ(sent(), "GOAWAY 1\n");
    EXPECT_EQ(host.heads.size(), limits::concurrent_streams_max);
}

TEST(Http2Streams, are_refused_for_a_retry_when_the_peer_could_not_know_the_limit) {
    testing::RecordingHost host;
    http2::Http2Session session(host, {}, {});
    session.receive(testing::preface(), {});
    std::string out;
    session.produce(out);
    for (std::uint32_t i = 0; i <= limits::concurrent_streams_max; ++i) {
        session.receive(frame(FrameType::headers, end_headers | end_stream, 2 * i + 1,
                              request_fields("POST", "/")),
                        {});
    }
    out.clear();
    session.produce(out);
    // 7 is REFUSED_STREAM.
    EXPECT_EQ(out, frame(FrameType::rst_stream, 0, 2 * limits::concurrent_streams_max + 1,
                         testing::number32(7)));
    EXPECT_EQ(session.end(), SessionEnd::open);
}

// --- floods: at the limit all is well, one past it the connection is calmed (11) -----------------

TEST_F(Http2, calms_a_reset_flood) {
    std::uint32_t id = 1;
    const auto reset = [&] {
        feed(request(id, "/") + frame(FrameType::rst_stream, 0, id, testing::number32(8)));
        id += 2;
    };
    for (int i = 0; i < limits::resets_per_second_max; ++i) reset();
    EXPECT_EQ(sent(), "");
    reset();
    EXPECT_EQ(sent(), "GOAWAY 11\n");
    EXPECT_EQ(session.end(), SessionEnd::calm);
}

TEST_F(Http2, lets_resets_pass_that_are_spread_over_time) {
    std::uint32_t id = 1;
    for (int i = 0; i < 10 * limits::resets_per_second_max; ++i) {
        now += 6ms;
        feed(request(id, "/") + frame(FrameType::rst_stream, 0, id, testing::number32(8)));
        id += 2;
    }
    EXPECT_EQ(session.end(), SessionEnd::open);
}

// CVE-2025-8671: the peer breaks the protocol on a stream so that we reset it.
TEST_F(Http2, calms_a_peer_that_makes_us_reset) {
    std::uint32_t id = 1;
    for (int i = 0; i <= limits::resets_per_second_max && session.end() == SessionEnd::open; ++i) {
        // A window of more than 31 bits is an error of the stream.
        feed(request(id, "/") +
             frame(FrameType::window_update, 0, id, testing::number32(0x7fffffff)));
        output();
        id += 2;
    }
    EXPECT_EQ(session.end(), SessionEnd::calm);
}

struct Flood {
    std::string_view name;
    std::string bytes;
    int limit;
};

class Http2Floods : public ::testing::TestWithParam<Flood> {};

TEST_P(Http2Floods, are_calmed_past_the_limit) {
    testing::RecordingHost host;
    const auto now = TimePoint{} + 1h;
    http2::Http2Session session(host, {}, now);
    // The preface's SETTINGS counts, and one stream is open for the frames that need one.
    session.receive(
        testing::preface() + frame(FrameType::headers, end_headers, 1, request_fields("POST", "/")),
        now);
    std::string out;
    session.produce(out);
    const int already = GetParam().name == "settings" ? 1 : 0;
    for (int i = already; i < GetParam().limit; ++i) {
        session.receive(GetParam().bytes, now);
        session.produce(out);
    }
    EXPECT_EQ(session.end(), SessionEnd::open);
    session.receive(GetParam().bytes, now);
    session.produce(out);
    EXPECT_EQ(session.end(), SessionEnd::calm);
}

INSTANTIATE_TEST_SUITE_P(
    Frames, Http2Floods,
    ::testing::Values(Flood{"pings", frame(FrameType::ping, 0, 0, "12345678"),
                            static_cast<int>(limits::pings_per_second_max)},
                      Flood{"settings", frame(FrameType::settings, 0, 0),
                            static_cast<int>(limits::settings_per_second_max)},
                      Flood{"empty data", frame(FrameType::data, 0, 1),
                            static_cast<int>(limits::empty_data_per_second_max)},
                      Flood{"priorities", frame(FrameType::priority, 0, 1, "\0\0\0\0\0"s),
                            static_cast<int>(limits::priorities_per_second_max)}),
    [](const auto& info) {
        std::string name(info.param.name);
        std::replace(name.begin(), name.end(), ' ', '_');
        return name;
    });

TEST_F(Http2, ends_a_flood_of_continuations) {
    feed(frame(FrameType::headers, 0, 1, request_fields("POST", "/")));
    for (std::size_t i = 0; i <= limits::continuations_max; ++i) {
        feed(frame(FrameType::continuation, 0, 1, testing::field("a", "b")));
    }
    EXPECT_NE(session.end(), SessionEnd::open);
    EXPECT_EQ(host.log(), "");
}

TEST_F(Http2, ends_a_settings_frame_with_too_many_entries) {
    std::string entries;
    for (std::size_t i = 0; i <= limits::settings_entries_max; ++i) entries += "\0\1\0\0\0\0"s;
    feed(frame(FrameType::settings, 0, 0, entries));
    output();
    EXPECT_NE(session.end(), SessionEnd::open);
}

// --- errors of the protocol ----------------------------------------------------------------------

TEST_F(Http2, ends_on_frames_that_break_the_connection) {
    feed(frame(FrameType::data, 0, 0, "data on the connection"));
    EXPECT_EQ(sent(), "GOAWAY 1\n");
    EXPECT_EQ(session.end(), SessionEnd::protocol);
}

TEST_F(Http2, ends_on_a_frame_that_is_too_large) {
    feed(frame(FrameType::headers, end_headers, 1, std::string(16'385, 'x')));
    EXPECT_EQ(sent(), "GOAWAY 6\n");
    EXPECT_EQ(session.end(), SessionEnd::protocol);
}

TEST_F(Http2, resets_requests_that_are_malformed) {
    feed(frame(FrameType::headers, end_headers | end_stream, 1,
               request_fields("POST", "/") + testing::field("Upper", "x")) +
         frame(FrameType::headers, end_headers | end_stream, 3, testing::field("a", "b")) +
         frame(FrameType::headers, end_headers | end_stream, 5,
               request_fields("POST", "/") + testing::field("connection", "close")));
    EXPECT_EQ(sent(), "RST 1 1\nRST 3 1\nRST 5 1\n");
    EXPECT_EQ(host.log(), "");
}

TEST(Http2Preface, anything_else_ends_the_session) {
    testing::RecordingHost host;
    http2::Http2Session session(host, {}, {});
    session.receive("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\ngarbage that is no SETTINGS frame", {});
    std::string out;
    session.produce(out);
    EXPECT_NE(session.end(), SessionEnd::open);
}

// --- life ----------------------------------------------------------------------------------------

TEST_F(Http2, pings_a_silent_peer_and_gives_up_on_a_dead_one) {
    session.tick(now + 60s);
    EXPECT_EQ(sent(), "");
    session.tick(now + 61s);
    EXPECT_EQ(sent(), "PING\n");
    session.tick(now + 81s);
    EXPECT_EQ(session.end(), SessionEnd::open);
    session.tick(now + 82s);
    EXPECT_EQ(session.end(), SessionEnd::timed_out);
}

TEST_F(Http2, keeps_a_peer_that_answers_pings) {
    session.tick(now + 61s);
    output();
    now += 62s;
    feed(frame(FrameType::ping, testing::ack, 0, "\0\0\0\0\0\0\0\0"s));
    session.tick(now + 30s);
    EXPECT_EQ(session.end(), SessionEnd::open);
}

TEST_F(Http2, gives_up_on_a_frame_that_drips) {
    feed(request(1, "/").substr(0, 20));
    session.tick(now + 10s);
    EXPECT_EQ(session.end(), SessionEnd::open);
    session.tick(now + 10001ms);
    EXPECT_EQ(session.end(), SessionEnd::timed_out);
}

TEST_F(Http2, does_not_wait_for_the_end_of_frames_that_are_ignored) {
    feed(request(1, "/"));
    answer(1, "ok");
    output();
    const auto update = frame(FrameType::window_update, 0, 1, testing::number32(2));
    const auto trailers =
        frame(FrameType::headers, end_headers | end_stream, 1, testing::field("a", "b"));
    for (const auto& late : {update, trailers}) {
        feed(late);
        now += 11s;
        session.tick(now);
        EXPECT_EQ(session.end(), SessionEnd::open);
    }
    // One that is ignored and drips is given up on all the same.
    feed(std::string_view(update).substr(0, 12));
    session.tick(now + 10001ms);
    EXPECT_EQ(session.end(), SessionEnd::timed_out);
}

TEST_F(Http2, gives_up_on_a_header_block_that_is_not_ended) {
    feed(frame(FrameType::headers, 0, 1, request_fields("POST", "/")));
    session.tick(now + 10001ms);
    EXPECT_EQ(session.end(), SessionEnd::timed_out);
}

TEST_F(Http2, resets_an_answer_whose_head_cannot_be_sent) {
    feed(request(1, "/") + request(3, "/", end_headers));
    HeaderFields fields;
    fields.add("x-large", std::string(70'000, 'x'));
    session.respond(1, {.fields = &fields, .body = "never"});
    EXPECT_EQ(sent(), "RST 1 2\n");
    EXPECT_EQ(host.events.back(), "abort 1");
    session.begin(3, 200, {});
    session.finish(3, fields);
    EXPECT_EQ(sent(), "HEADERS 3\n:status: 200\nRST 3 2\n");
    EXPECT_EQ(session.open_streams(), 0U);
}

TEST_F(Http2, resets_a_body_that_stops) {
    feed(request(1, "/", end_headers));
    session.tick(now + 30001ms);
    EXPECT_EQ(sent(), "RST 1 8\n");
    EXPECT_EQ(host.events.back(), "abort 1");
}

TEST_F(Http2, resets_an_answer_that_is_not_read) {
    feed(request(1, "/"));
    answer(1, std::string(100'000, 'x'));
    output();
    session.tick(now + 30s);
    EXPECT_EQ(sent(), "");
    session.tick(now + 30001ms);
    EXPECT_EQ(sent(), "RST 1 8\n");
}

TEST_F(Http2, drains_in_two_steps_and_finishes_what_runs) {
    feed(request(1, "/"));
    session.drain(now);
    EXPECT_EQ(sent(), "GOAWAY 0\nPING\n");
    // A request that was on its way when the first GOAWAY left is still served.
    feed(request(3, "/"));
    session.tick(now + 1s);
    auto bytes = output();
    const auto frames = testing::take_frames(bytes);
    ASSERT_EQ(frames.size(), 1U);
    EXPECT_EQ(frames[0].payload.substr(0, 4), testing::number32(3));
    answer(1, "a");
    output();
    EXPECT_EQ(session.end(), SessionEnd::open);
    answer(3, "b");
    output();
    EXPECT_EQ(session.end(), SessionEnd::done);
}

TEST_F(Http2, drains_at_once_when_the_peer_answers_the_ping) {
    session.drain(now);
    output();
    feed(frame(FrameType::ping, testing::ack, 0, "rb-drain"));
    EXPECT_EQ(sent(), "GOAWAY 0\n");
    EXPECT_EQ(session.end(), SessionEnd::done);
}

TEST_F(Http2, asks_an_idle_peer_to_go) {
    session.tick(now);
    now += 14min;
    feed(frame(FrameType::ping, 0, 0, "12345678"));
    output();
    session.tick(now + 61s);
    EXPECT_NE(sent().find("GOAWAY 0\n"), std::string::npos);
}

TEST_F(Http2, aborts_everything_when_the_peer_is_gone) {
    feed(request(1, "/", end_headers) + request(3, "/"));
    session.receive_end();
    EXPECT_EQ(session.end(), SessionEnd::done);
    EXPECT_NE(host.log().find("abort 1"), std::string::npos);
    EXPECT_NE(host.log().find("abort 3"), std::string::npos);
}

}  // namespace
}  // namespace rb::transport
