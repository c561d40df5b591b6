#include "server/middleware/log_context_layer.hpp"

#include "core/identity/actor.hpp"

#include "log/log_context.hpp"
#include "server/middleware/client_address.hpp"
#include "server/middleware/request_scope_layer.hpp"

#include <gtest/gtest.h>

#include <array>
#include <map>

namespace rb::server {
namespace {

using transport::CallContext;
using transport::Response;

// Keeps what was logged, with the context it was logged in.
class KeptLog final : public core::Log {
public:
    struct Line {
        core::LogLevel level;
        std::string message;
        std::map<std::string, std::string, std::less<>> fields;
    };
    [[nodiscard]] bool is_on(core::LogLevel, std::string_view) const override { return true; }
    void write(core::LogLevel level, std::string_view, std::string_view message,
               core::LogFields fields) override {
        Line line{level, std::string(message), {}};
        for (const auto& field : fields) line.fields.emplace(field.name, field.value);
        lines.push_back(std::move(line));
    }
    std::vector<Line> lines;
};

class Outcome final : public transport::Terminal {
public:
    explicit Outcome(Result<Response> outcome) : outcome_(std::move(outcome)) {}
    Result<Response> run(CallContext&) override {
        if (const auto* context = log::current_log_context()) seen = *context;
        return outcome_;
    }
    log::LogContext seen;

private:
    Result<Response> outcome_;
};

transport::RequestInfo request() {
    return {.protocol = transport::Protocol::grpc_web,
            .http_method = "POST",
            .path = "/rustbill.order.OrderService/GetOrder",
            .query = {},
            .peer = "127.0.0.1:1"};
}

TEST(LogContextLayer, logs_path_time_and_status_of_each_call_at_debug) {
    KeptLog log;
    LogContextLayer layer(log);
    Outcome terminal(Response{});
    CallContext call(request());
    ASSERT_FALSE(layer.handle(call, transport::Next({}, terminal)).has_error());
    ASSERT_EQ(log.lines.size(), 1U);
    EXPECT_EQ(log.lines[0].level, core::LogLevel::debug);
    EXPECT_EQ(log.lines[0].fields["path"], "/rustbill.order.OrderService/GetOrder");
    EXPECT_EQ(log.lines[0].fields["status"], "0");
    EXPECT_TRUE(log.lines[0].fields.contains("elapsed_us"));
}

TEST(LogContextLayer, logs_the_hidden_detail_of_what_failed_unexpectedly_as_an_error) {
    KeptLog log;
    LogContextLayer layer(log);
    Outcome terminal(internal_error("row 7 is wrong"));
    CallContext call(request());
    const auto outcome = layer.handle(call, transport::Next({}, terminal));
    ASSERT_TRUE(outcome.has_error());
    EXPECT_EQ(outcome.error().code, ErrorCode::internal);
    ASSERT_EQ(log.lines.size(), 1U);
    EXPECT_EQ(log.lines[0].level, core::LogLevel::error);
    EXPECT_EQ(log.lines[0].fields["detail"], "row 7 is wrong");
    EXPECT_EQ(log.lines[0].fields["status"], "13");
}

TEST(LogContextLayer, what_the_caller_did_wrong_is_no_error_of_ours) {
    KeptLog log;
    LogContextLayer layer(log);
    Outcome terminal(invalid_field("id", "must be a UUID"));
    CallContext call(request());
    ASSERT_TRUE(layer.handle(call, transport::Next({}, terminal)).has_error());
    EXPECT_EQ(log.lines[0].level, core::LogLevel::debug);
}

TEST(LogContextLayer, names_the_caller_in_the_context) {
    KeptLog log;
    LogContextLayer layer(log);
    Outcome terminal(Response{});
    CallContext call(request());
    const auto id = core::CustomerId(*Uuid::parse("01920000-0000-7000-8000-000000000001"));
    call.attributes().set(core::Actor{.kind = core::ActorKind::customer, .customer = id});
    ASSERT_FALSE(layer.handle(call, transport::Next({}, terminal)).has_error());
    EXPECT_EQ(terminal.seen.caller, "customer 01920000-0000-7000-8000-000000000001");
    EXPECT_EQ(terminal.seen.request_id, call.request_id());
}

TEST(RequestScopeLayer, keeps_a_good_request_id_of_the_caller_and_resolves_his_address) {
    auto info = request();
    info.fields.add("x-request-id", "trace-42");
    info.fields.add("x-forwarded-for", "203.0.113.7");
    CallContext call(std::move(info));
    RequestScopeLayer layer(trusted_networks({"127.0.0.1"}));
    Outcome terminal(Response{});
    ASSERT_FALSE(layer.handle(call, transport::Next({}, terminal)).has_error());
    EXPECT_EQ(terminal.seen.request_id, "trace-42");
    EXPECT_EQ(call.attributes().find<ClientAddress>()->ip, "203.0.113.7");
    EXPECT_EQ(log::current_log_context(), nullptr);
}

}  // namespace
}  // namespace rb::server
