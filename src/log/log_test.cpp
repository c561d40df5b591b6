#include "log/log_context.hpp"
#include "log/log_filter.hpp"
#include "log/log_format.hpp"
#include "log/redaction.hpp"
#include "log/stream_log.hpp"

#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>

#include <nlohmann/json.hpp>
#include <sstream>

namespace rb::log {
namespace {

using core::LogLevel;

class FixedClock final : public core::Clock {
public:
    [[nodiscard]] core::Timestamp now() const override {
        return core::Timestamp(std::chrono::microseconds(1'795'446'662'000'123));
    }
};

struct FilterCase {
    const char* filter;
    LogLevel level;
    const char* target;
    bool passes;
};

TEST(LogFilter, follows_the_grammar_of_rust_log) {
    const FilterCase cases[] = {
        {"", LogLevel::info, "rustbill_server", true},
        {"", LogLevel::debug, "rustbill_server", false},
        {"info", LogLevel::info, "anything", true},
        {"WARN", LogLevel::info, "anything", false},
        {"off", LogLevel::error, "anything", false},
        {"3", LogLevel::info, "anything", true},
        {"3", LogLevel::debug, "anything", false},
        {"rustbill_server=debug", LogLevel::debug, "rustbill_server::leader", true},
        {"rustbill_server=debug", LogLevel::trace, "rustbill_server::leader", false},
        {"rustbill_server=debug", LogLevel::error, "rustbill_store_pg", false},
        {"rustbill_server", LogLevel::trace, "rustbill_server::leader", true},
        {"rustbill_server::plugin_scanner=debug,rustbill_server::services=info", LogLevel::debug,
         "rustbill_server::plugin_scanner", true},
        {"rustbill_server::plugin_scanner=debug,rustbill_server::services=info", LogLevel::debug,
         "rustbill_server::services", false},
        {"info,rustbill_server::heartbeat=off", LogLevel::error, "rustbill_server::heartbeat",
         false},
        {"rustbill_server::heartbeat=off,info", LogLevel::info, "rustbill_server::leader", true},
        {"rustbill_server::leader=trace,rustbill_server=warn", LogLevel::trace,
         "rustbill_server::leader", true},
        {"rustbill_server=warn,rustbill_server::leader=trace", LogLevel::trace,
         "rustbill_server::leader", true},
        {"debug,info", LogLevel::debug, "anything", false},
        {" info , rustbill_server = trace ", LogLevel::trace, "rustbill_server", true},
    };
    for (const auto& [filter, level, target, passes] : cases) {
        EXPECT_EQ(LogFilter::parse(filter).lets_pass(level, target), passes)
            << filter << " / " << target;
    }
}

TEST(LogFilter, leaves_out_and_lists_what_it_cannot_read) {
    const auto filter = LogFilter::parse("info,a=loud,[span]=info,=info,x y");
    EXPECT_EQ(filter.unreadable(),
              (std::vector<std::string>{"a=loud", "[span]=info", "=info", "x y"}));
    EXPECT_TRUE(filter.lets_pass(LogLevel::info, "anything"));
}

TEST(LogFilter, is_not_silent_for_want_of_a_directive_that_can_be_read) {
    const auto filter = LogFilter::parse("rustbill_server=loud");
    EXPECT_EQ(filter.unreadable(), std::vector<std::string>{"rustbill_server=loud"});
    EXPECT_TRUE(filter.lets_pass(LogLevel::info, "rustbill_server"));
    EXPECT_FALSE(filter.lets_pass(LogLevel::debug, "rustbill_server"));
}

TEST(Redaction, blanks_what_looks_like_a_secret) {
    const char* cases[][2] = {
        {"postgres://u:hunter2@h:5432/d", "postgres://u:[redacted]@h:5432/d"},
        {"postgres://u:p@ss@h/d", "postgres://u:[redacted]@h/d"},
        {"redis://:hunter2@h", "redis://:[redacted]@h"},
        {"host=h password=hunter2 user=u", "host=h password=[redacted] user=u"},
        {"password='hunter 2' user=u", "password='[redacted]' user=u"},
        {"{\"password\": \"hunter2\", \"a\":1}", "{\"password\": \"[redacted]\", \"a\":1}"},
        {"Authorization: Bearer abcdefgh.ijk", "Authorization: [redacted]"},
        {"got Bearer abcdefghijk", "got Bearer [redacted]"},
        {"x eyJhbGci.eyJzdWIi.c2ln y", "x [redacted] y"},
        {"eyJ eyJhbGci.eyJzdWIi.c2ln y", "eyJ [redacted] y"},
        {"eyJhbGci.a.b.c.d eyJ", "[redacted] eyJ"},
        {"key rbk_0123456789abcdef", "key [redacted]"},
        {"-----BEGIN RSA PRIVATE KEY-----\nMII", "[redacted]"},
        {"-----BEGIN X-----\nMI\n-----BEGIN PRIVATE KEY-----\nMII",
         "-----BEGIN X-----\nMI\n[redacted]"},
        {"PWD=hunter2;", "PWD=[redacted];"},
    };
    for (const auto& [text, expected] : cases) {
        const auto blanked = without_secrets(text);
        EXPECT_EQ(blanked, expected);
    }
}

TEST(Redaction, leaves_ordinary_text_alone) {
    for (const auto* text :
         {"order 0192 paid", "http://shop.example.com/a?b=c", "bearer of news",
          "tokens: ", "user@example.com", "https://h:8443/x", "the password was wrong"}) {
        EXPECT_EQ(without_secrets(text), text);
    }
}

// What may begin a secret, at every place of a megabyte: took hours when each place was looked at
// to the end of the text, and takes a moment.
TEST(Redaction, looks_through_a_long_text_once) {
    for (const std::string_view piece : {"a", "eyJ", "bearer", "://", "token", "-----BEGIN "}) {
        std::string text;
        while (text.size() < 1'000'000) text += piece;
        EXPECT_TRUE(without_secrets(text) == text) << piece;
    }
}

TEST(Redaction, blanks_fields_by_their_name) {
    for (const auto* name : {"password", "new_password", "jwt_secret", "refresh_token",
                             "Authorization", "set-cookie", "api_key"}) {
        EXPECT_TRUE(names_a_secret(name)) << name;
    }
    for (const auto* name : {"path", "status", "order_id", "key_prefix"}) {
        EXPECT_FALSE(names_a_secret(name)) << name;
    }
}

class WrittenLog : public testing::Test {
protected:
    StreamLog log_with(LogFormat format) {
        return {{.filter = "trace", .format = format},
                clock_,
                std::make_shared<spdlog::sinks::ostream_sink_mt>(stream_)};
    }
    FixedClock clock_;
    std::ostringstream stream_;
};

TEST_F(WrittenLog, text_has_time_level_target_message_and_fields) {
    auto log = log_with(LogFormat::text);
    log.info("rustbill_server::leader", "leader elected", {{"role", "billing"}, {"term", 3}});
    EXPECT_EQ(stream_.str(),
              "2026-11-23T15:11:02.000123Z  INFO rustbill_server::leader: leader elected "
              "role=\"billing\" term=3\n");
}

TEST_F(WrittenLog, json_parses_and_keeps_types_and_context) {
    auto log = log_with(LogFormat::json);
    {
        const LogContextScope scope({"request", "req-1", "anonymous"});
        log.warn("rustbill_server::auth", "credential refused", {{"ms", 3}, {"reason", "a\"b\n"}});
    }
    const auto line = nlohmann::json::parse(stream_.str());
    EXPECT_EQ(line["timestamp"], "2026-11-23T15:11:02.000123Z");
    EXPECT_EQ(line["level"], "WARN");
    EXPECT_EQ(line["target"], "rustbill_server::auth");
    EXPECT_EQ(line["fields"]["message"], "credential refused");
    EXPECT_EQ(line["fields"]["ms"], 3);
    EXPECT_EQ(line["fields"]["reason"], "a\"b\n");
    EXPECT_EQ(line["span"]["request_id"], "req-1");
}

TEST_F(WrittenLog, context_ends_with_its_scope_and_nests) {
    auto log = log_with(LogFormat::text);
    const LogContextScope outer({"request", "outer", {}});
    { const LogContextScope inner({"event_worker", "inner", {}}); }
    log.info("t", "m");
    EXPECT_NE(stream_.str().find("request{request_id=outer}: t: m"), std::string::npos);
}

TEST_F(WrittenLog, input_cannot_forge_a_line) {
    for (const auto format : {LogFormat::text, LogFormat::json}) {
        stream_.str("");
        auto log = log_with(format);
        log.info("t", "a\nERROR b", {{"k", "c\r\nERROR d\x1b[31m"}});
        const auto written = stream_.str();
        EXPECT_EQ(std::ranges::count(written, '\n'), 1);
        EXPECT_EQ(written.find('\x1b'), std::string::npos);
        EXPECT_EQ(written.find('\r'), std::string::npos);
    }
}

TEST_F(WrittenLog, json_stays_json_whatever_bytes_a_stranger_sends) {
    auto log = log_with(LogFormat::json);
    log.info("t", "no such path /\xff", {{"path", "/\xE6\x98"}});
    const auto line = nlohmann::json::parse(stream_.str());
    EXPECT_EQ(line["fields"]["message"], "no such path /\uFFFD");
    EXPECT_EQ(line["fields"]["path"], "/\uFFFD\uFFFD");
}

TEST_F(WrittenLog, never_holds_a_secret) {
    for (const auto format : {LogFormat::text, LogFormat::json}) {
        stream_.str("");
        auto log = log_with(format);
        log.error("t", "cannot connect to postgres://u:hunter2@h/d",
                  {{"password", "hunter2"},
                   {"verification_token", 123456},
                   {"detail", "connection string password=hunter2"}});
        EXPECT_EQ(stream_.str().find("hunter2"), std::string::npos) << stream_.str();
        EXPECT_EQ(stream_.str().find("123456"), std::string::npos) << stream_.str();
    }
}

TEST_F(WrittenLog, what_the_filter_stops_is_not_written) {
    StreamLog log({.filter = "warn"}, clock_,
                  std::make_shared<spdlog::sinks::ostream_sink_mt>(stream_));
    log.info("t", "m");
    EXPECT_FALSE(log.is_on(LogLevel::info, "t"));
    EXPECT_TRUE(log.is_on(LogLevel::warn, "t"));
    EXPECT_EQ(stream_.str(), "");
}

}  // namespace
}  // namespace rb::log
