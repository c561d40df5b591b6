#include "transport/http1/session.hpp"

#include "transport/testing/recording_host.hpp"

#include <gtest/gtest.h>

namespace rb::transport {
namespace {

using namespace std::chrono_literals;
using http::SessionEnd;

class Http1 : public ::testing::Test {
protected:
    void feed(std::string_view bytes) { session.receive(bytes, now); }
    std::string output() {
        std::string out;
        session.produce(out);
        return out;
    }
    void answer(http::StreamId id, std::string body, int status = 200) {
        const HeaderFields none;
        session.respond(id, {.status = status, .fields = &none, .body = std::move(body)});
    }
    // Answers every request at once.
    void answer_all() { host.answer_with = &session; }

    TimePoint now{};
    testing::RecordingHost host;
    http1::Http1Session session{host, {}, now};
};

TEST_F(Http1, reads_a_request_and_writes_these_bytes) {
    feed("POST /a?q=1 HTTP/1.1\r\nHost: x\r\nX-Big: Y\r\nContent-Length: 3\r\n\r\nabc");
    EXPECT_EQ(host.log(), "open 1 POST /a; body 1 abc; end 1");
    EXPECT_EQ(host.heads[0].query, "q=1");
    EXPECT_EQ(host.heads[0].fields.find("x-big"), "Y");
    HeaderFields fields;
    fields.add("content-type", "text/plain");
    session.respond(1, {.status = 404, .fields = &fields, .body = "no"});
    EXPECT_EQ(output(),
              "HTTP/1.1 404 Not Found\r\ncontent-type: text/plain\r\ncontent-length: 2\r\n\r\nno");
    EXPECT_EQ(session.end(), SessionEnd::open);
}

TEST_F(Http1, reads_the_same_request_in_single_bytes) {
    answer_all();
    const std::string request =
        "POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        "3;ext=1\r\nabc\r\n2\r\nde\r\n0\r\nTrailer: x\r\n\r\nGET /b HTTP/1.1\r\nHost: x\r\n\r\n";
    for (const char byte : request) feed({&byte, 1});
    EXPECT_EQ(host.log(),
              "open 1 POST /a; body 1 a; body 1 b; body 1 c; body 1 d; body 1 e; end 1; "
              "complete 1; open 2 GET /b; end 2; complete 2");
    EXPECT_EQ(host.heads[0].fields.find("trailer"), std::nullopt);
}

TEST_F(Http1, answers_pipelined_requests_one_after_the_other) {
    feed("GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_EQ(host.log(), "open 1 GET /1; end 1");
    answer(1, "one");
    EXPECT_EQ(host.log(), "open 1 GET /1; end 1; complete 1; open 2 GET /2; end 2");
    answer(2, "two");
    EXPECT_EQ(output(),
              "HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\none"
              "HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\ntwo");
}

TEST_F(Http1, a_long_pipeline_does_not_recurse) {
    answer_all();
    std::string many;
    for (int i = 0; i < 20'000; ++i) many += "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
    feed(many);
    while (!output().empty()) {
    }
    EXPECT_EQ(host.heads.size(), 20'000U);
    EXPECT_EQ(session.end(), SessionEnd::open);
}

TEST_F(Http1, answers_no_more_of_a_pipeline_than_the_peer_reads) {
    answer_all();
    host.answer_body = std::string(limits::connection_output_bytes_max, 'x');
    std::string many;
    for (int i = 0; i < 100; ++i) many += "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
    feed(many);
    EXPECT_EQ(host.heads.size(), 1U);
    // It is we who wait, so no clock of the peer's runs, and what it sent before it closed its side
    // is still answered.
    session.tick(now + 1h);
    session.receive_end();
    EXPECT_EQ(session.end(), SessionEnd::open);
    std::size_t taken = 0;
    while (true) {
        const auto piece = output();
        if (piece.empty()) break;
        EXPECT_LT(piece.size(), 2 * limits::connection_output_bytes_max);
        taken += piece.size();
    }
    EXPECT_EQ(host.heads.size(), 100U);
    EXPECT_GT(taken, 100 * limits::connection_output_bytes_max);
    EXPECT_EQ(session.end(), SessionEnd::done);
}

TEST_F(Http1, stops_reading_while_pipelined_requests_wait) {
    feed("GET /1 HTTP/1.1\r\nHost: x\r\n\r\n" + std::string(63UL * 1024, 'x'));
    EXPECT_TRUE(session.wants_input());
    feed(std::string(1024, 'x'));
    EXPECT_FALSE(session.wants_input());
}

TEST_F(Http1, streams_an_answer_in_chunks) {
    feed("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    session.begin(1, 200, {});
    session.write(1, "0123456789abcdef");
    session.finish(1, {});
    EXPECT_EQ(output(),
              "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
              "10\r\n0123456789abcdef\r\n0\r\n\r\n");
    EXPECT_EQ(session.end(), SessionEnd::open);
}

TEST_F(Http1, speaks_http_10) {
    answer_all();
    feed("GET / HTTP/1.0\r\n\r\n");
    EXPECT_EQ(output(), "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok");
    EXPECT_EQ(session.end(), SessionEnd::done);
}

TEST_F(Http1, keeps_a_http_10_connection_when_asked) {
    answer_all();
    feed("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    EXPECT_EQ(output(), "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: keep-alive\r\n\r\nok");
    EXPECT_EQ(session.end(), SessionEnd::open);
}

TEST_F(Http1, answers_head_with_the_length_and_no_body) {
    answer_all();
    feed("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_EQ(output(), "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n");
}

TEST_F(Http1, closes_when_asked) {
    answer_all();
    feed("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    EXPECT_EQ(output(), "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok");
    EXPECT_EQ(session.end(), SessionEnd::done);
}

TEST_F(Http1, says_continue_to_who_waits_for_it) {
    feed("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_EQ(output(), "HTTP/1.1 100 Continue\r\n\r\n");
    feed("ab");
    EXPECT_EQ(host.log(), "open 1 POST /; body 1 ab; end 1");
}

TEST_F(Http1, an_answer_before_the_body_closes_the_connection) {
    feed("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nabc");
    answer(1, "no", 413);
    EXPECT_EQ(output(),
              "HTTP/1.1 413 Payload Too Large\r\ncontent-length: 2\r\nconnection: close\r\n\r\nno");
    EXPECT_EQ(session.end(), SessionEnd::done);
}

TEST_F(Http1, does_not_take_up_an_upgrade_to_h2c) {
    answer_all();
    feed(
        "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
        "HTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n");
    EXPECT_EQ(output(), "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
}

TEST_F(Http1, takes_the_absolute_form) {
    feed("GET http://host:1/p?q HTTP/1.1\r\nHost: host:1\r\n\r\n");
    EXPECT_EQ(host.log(), "open 1 GET /p; end 1");
    EXPECT_EQ(host.heads[0].query, "q");
}

struct Bad {
    std::string_view request;
    std::string_view status;
};

class Http1Refuses : public ::testing::TestWithParam<Bad> {};

TEST_P(Http1Refuses, bad_requests_and_closes) {
    testing::RecordingHost host;
    http1::Http1Session session(host, {}, {});
    session.receive(GetParam().request, {});
    std::string out;
    session.produce(out);
    EXPECT_EQ(out.substr(0, 12), "HTTP/1.1 " + std::string(GetParam().status))
        << GetParam().request;
    EXPECT_NE(out.find("connection: close\r\n"), std::string::npos);
    EXPECT_EQ(session.end(), SessionEnd::protocol);
    EXPECT_EQ(host.log().find("end"), std::string::npos) << host.log();
}

const std::string long_head =
    "GET / HTTP/1.1\r\nHost: x\r\nX: " + std::string(limits::header_list_bytes_max, 'x');
const std::string many_fields = [] {
    std::string head = "GET / HTTP/1.1\r\nHost: x\r\n";
    for (std::size_t i = 0; i < limits::header_fields_max; ++i) head += "a: b\r\n";
    return head + "\r\n";
}();

INSTANTIATE_TEST_SUITE_P(
    Requests, Http1Refuses,
    ::testing::Values(
        Bad{"nonsense\r\n\r\n", "400"}, Bad{"GET / HTTP/2.0\r\n\r\n", "505"},
        Bad{"GET / HTTP/1.1\r\n\r\n", "400"},
        Bad{"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "400"},
        Bad{"GET nowhere HTTP/1.1\r\nHost: x\r\n\r\n", "400"},
        Bad{"GET / HTTP/1.1\r\nHost: x\r\nA: b\x01\r\n\r\n", "400"},
        Bad{"GET / HTTP/1.1\r\nHost : x\r\n\r\n", "400"},
        // Request smuggling: two ways to say where the body ends.
        Bad{"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
            "400"},
        Bad{"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n", "400"},
        Bad{"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\nabc", "501"},
        Bad{"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, gzip\r\n\r\n", "501"},
        Bad{"POST / HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n", "400"},
        Bad{"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", "400"},
        Bad{"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "400"},
        Bad{long_head, "431"}, Bad{many_fields, "431"}));

TEST_F(Http1, takes_as_many_fields_as_the_limit) {
    std::string head = "GET / HTTP/1.1\r\nHost: x\r\n";
    for (std::size_t i = 1; i < limits::header_fields_max; ++i) head += "a: b\r\n";
    feed(head + "\r\n");
    EXPECT_EQ(host.log(), "open 1 GET /; end 1");
}

TEST_F(Http1, aborts_a_request_whose_body_never_ends) {
    feed("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc");
    session.receive_end();
    EXPECT_EQ(host.log(), "open 1 POST /; body 1 abc; abort 1");
    EXPECT_EQ(session.end(), SessionEnd::protocol);
}

TEST_F(Http1, answers_a_peer_that_closed_its_side_only) {
    feed("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    session.receive_end();
    EXPECT_EQ(session.end(), SessionEnd::open);
    answer(1, "late");
    EXPECT_NE(output().find("late"), std::string::npos);
    EXPECT_EQ(session.end(), SessionEnd::done);
}

TEST_F(Http1, answers_the_whole_pipeline_of_a_peer_that_closed_its_side) {
    feed("GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\n");
    session.receive_end();
    answer(1, "one");
    answer(2, "two");
    EXPECT_NE(output().find("two"), std::string::npos);
    EXPECT_EQ(session.end(), SessionEnd::done);
}

TEST_F(Http1, aborts_a_pipelined_request_that_a_closed_side_cut_off) {
    feed(
        "GET /1 HTTP/1.1\r\nHost: x\r\n\r\nPOST /2 HTTP/1.1\r\nHost: x\r\nContent-Length: "
        "10\r\n\r\nabc");
    session.receive_end();
    answer(1, "one");
    EXPECT_EQ(host.log().substr(host.log().size() - 7), "abort 2");
    EXPECT_NE(output().find("one"), std::string::npos);
    EXPECT_EQ(session.end(), SessionEnd::protocol);
}

TEST_F(Http1, takes_chunked_bodies_that_drip) {
    answer_all();
    const std::string head = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (const std::string body : {"0\r\n\r\n", "0\r\nA: b\r\n\r\n", "1\r\nx\r\n0\r\n\r\n"}) {
        for (const char byte : head + body) feed(std::string(1, byte));
        EXPECT_EQ(output().substr(0, 12), "HTTP/1.1 200") << body;
        EXPECT_EQ(session.end(), SessionEnd::open);
    }
}

TEST_F(Http1, refuses_a_last_chunk_that_drips_and_is_none) {
    feed("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (const char byte : std::string("0\r\n0\roE /")) feed(std::string(1, byte));
    session.receive_end();
    EXPECT_NE(session.end(), SessionEnd::open);
}

TEST_F(Http1, ends_a_head_that_drips) {
    feed("GET / HT");
    session.tick(now + 10s);
    EXPECT_EQ(session.end(), SessionEnd::open);
    now += 5s;
    feed("TP");
    session.tick(now + 5001ms);
    EXPECT_EQ(session.end(), SessionEnd::timed_out);
    EXPECT_EQ(output().substr(0, 12), "HTTP/1.1 408");
}

TEST_F(Http1, ends_a_body_that_stops) {
    feed("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n");
    session.tick(now + 30s);
    EXPECT_EQ(session.end(), SessionEnd::open);
    session.tick(now + 30001ms);
    EXPECT_EQ(session.end(), SessionEnd::timed_out);
    EXPECT_EQ(host.log(), "open 1 POST /; abort 1");
    EXPECT_EQ(output().substr(0, 12), "HTTP/1.1 408");
}

TEST_F(Http1, lets_a_handler_take_its_time) {
    feed("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    session.tick(now + 10min);
    EXPECT_EQ(session.end(), SessionEnd::open);
}

TEST_F(Http1, closes_an_idle_connection) {
    answer_all();
    feed("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    session.tick(now);
    session.tick(now + 75s);
    EXPECT_EQ(session.end(), SessionEnd::open);
    session.tick(now + 75001ms);
    EXPECT_EQ(session.end(), SessionEnd::done);
}

TEST_F(Http1, drains_after_the_request_in_progress) {
    feed("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    session.drain(now);
    EXPECT_EQ(session.end(), SessionEnd::open);
    answer(1, "ok");
    EXPECT_EQ(output(), "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok");
    EXPECT_EQ(session.end(), SessionEnd::done);
}

TEST_F(Http1, drains_at_once_when_idle) {
    session.drain(now);
    EXPECT_EQ(session.end(), SessionEnd::done);
}

TEST_F(Http1, asks_for_no_more_than_a_window_ahead_of_a_slow_handler) {
    host.credit = http::StreamHandler::Credit::later;
    feed("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10000000\r\n\r\n");
    feed(std::string(limits::stream_window_bytes - 1, 'x'));
    EXPECT_TRUE(session.wants_input());
    feed("x");
    EXPECT_FALSE(session.wants_input());
    session.consumed(1, 1);
    EXPECT_TRUE(session.wants_input());
}

}  // namespace
}  // namespace rb::transport
