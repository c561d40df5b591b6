// grpc++ against the transport, in one process: every kind of call, and what surrounds them. Also
// what only an in-process server can show: layers, attributes, and the order of things.

#include "transport/server.hpp"
#include "transport/services/health_service.hpp"

#include "wire/echo_service.hpp"

#include <echo.grpc.pb.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace rb {
namespace {

using namespace std::chrono_literals;
using ::grpc::ClientContext;
using ::grpc::StatusCode;
using rustbill::wiretest::Echo;
using rustbill::wiretest::EchoRequest;
using rustbill::wiretest::EchoResponse;
using transport::CallContext;

struct Caller {
    std::string name;
};

// Refuses "x-deny", names the caller, and notes what it saw.
class NotingLayer final : public transport::Layer {
public:
    explicit NotingLayer(std::atomic<int>& seen) : seen_(seen) {}
    Result<transport::Response> handle(CallContext& call, transport::Next next) override {
        ++seen_;
        if (call.metadata().find("x-deny")) {
            return Error{ErrorCode::permission_denied, "denied by a layer"};
        }
        call.attributes().set(Caller{std::string(call.metadata().find("x-name").value_or("?"))});
        auto outcome = next(call);
        call.response_trailers().add("x-outcome", outcome.has_error() ? "failed" : "succeeded");
        return outcome;
    }

private:
    std::atomic<int>& seen_;
};

class Grpcpp : public ::testing::Test {
protected:
    void SetUp() override {
        transport::MethodRegistry methods;
        transport::HttpRoutes routes;
        wiretest::add_echo(methods, counters);
        wiretest::add_routes(routes, counters);
        std::vector<std::unique_ptr<transport::Layer>> layers;
        layers.push_back(std::make_unique<NotingLayer>(layer_calls));
        auto created = transport::Server::create({.port = 0}, std::move(methods), std::move(routes),
                                                 std::move(layers));
        ASSERT_TRUE(created.has_value());
        server = std::move(*created);
        ASSERT_TRUE(server->start().has_value());
        channel = ::grpc::CreateChannel("127.0.0.1:" + std::to_string(server->port()),
                                        ::grpc::InsecureChannelCredentials());
        stub = Echo::NewStub(channel);
    }

    // True once `holds` does; false when that takes half a minute.
    template <typename Condition>
    static bool eventually(Condition holds) {
        const auto give_up = std::chrono::steady_clock::now() + 30s;
        while (!holds() && std::chrono::steady_clock::now() < give_up) std::this_thread::yield();
        return holds();
    }

    wiretest::EchoCounters counters;
    std::atomic<int> layer_calls{0};
    std::unique_ptr<transport::Server> server;
    std::shared_ptr<::grpc::Channel> channel;
    std::unique_ptr<Echo::Stub> stub;
};

TEST_F(Grpcpp, unary_calls_answer) {
    EchoRequest request;
    request.set_text("hello");
    request.set_number(-7);
    EchoResponse response;
    ClientContext context;
    const auto status = stub->Unary(&context, request, &response);
    ASSERT_TRUE(status.ok()) << status.error_message();
    EXPECT_EQ(response.text(), "hello");
    EXPECT_EQ(response.number(), -7);
    ClientContext fast;
    EXPECT_TRUE(stub->Fast(&fast, request, &response).ok());
}

TEST_F(Grpcpp, errors_carry_code_message_and_reason) {
    EchoRequest request;
    request.set_fail_with("insufficient_funds");
    request.set_fail_message("only 3.00 left, 余");
    EchoResponse response;
    ClientContext context;
    const auto status = stub->Unary(&context, request, &response);
    EXPECT_EQ(status.error_code(), StatusCode::FAILED_PRECONDITION);
    EXPECT_EQ(status.error_message(), "only 3.00 left, 余");
    EXPECT_EQ(context.GetServerTrailingMetadata().find("rb-reason")->second, "insufficient_funds");
}

TEST_F(Grpcpp, layers_wrap_worker_calls_and_may_refuse) {
    EchoResponse response;
    ClientContext context;
    ASSERT_TRUE(stub->Unary(&context, {}, &response).ok());
    EXPECT_EQ(layer_calls, 1);
    EXPECT_EQ(context.GetServerTrailingMetadata().find("x-outcome")->second, "succeeded");
    ClientContext denied;
    denied.AddMetadata("x-deny", "1");
    EXPECT_EQ(stub->Unary(&denied, {}, &response).error_code(), StatusCode::PERMISSION_DENIED);
    // Calls on the I/O thread meet only layers that say they may run there.
    ClientContext fast;
    ASSERT_TRUE(stub->Fast(&fast, {}, &response).ok());
    EXPECT_EQ(layer_calls, 2);
}

TEST_F(Grpcpp, streams_of_every_kind_work) {
    EchoRequest request;
    request.set_count(300);
    request.set_payload_bytes(10'000);
    EchoResponse response;
    ClientContext down;
    auto reader = stub->ServerStream(&down, request);
    std::uint32_t count = 0;
    while (reader->Read(&response)) EXPECT_EQ(response.index(), count++);
    EXPECT_TRUE(reader->Finish().ok());
    EXPECT_EQ(count, 300U);

    ClientContext up;
    auto writer = stub->ClientStream(&up, &response);
    request.set_payload(std::string(10'000, 'y'));
    for (int i = 0; i < 300; ++i) ASSERT_TRUE(writer->Write(request));
    writer->WritesDone();
    EXPECT_TRUE(writer->Finish().ok());
    EXPECT_EQ(response.number(), 3'000'000);

    ClientContext both;
    auto stream = stub->Bidi(&both);
    for (std::uint32_t i = 0; i < 100; ++i) {
        ASSERT_TRUE(stream->Write(request));
        ASSERT_TRUE(stream->Read(&response));
        EXPECT_EQ(response.index(), i);
    }
    stream->WritesDone();
    EXPECT_FALSE(stream->Read(&response));
    EXPECT_TRUE(stream->Finish().ok());
}

TEST_F(Grpcpp, deadlines_answer_and_reach_the_handler) {
    EchoRequest request;
    request.set_delay_ms(60'000);
    EchoResponse response;
    ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + 100ms);
    EXPECT_EQ(stub->Unary(&context, request, &response).error_code(),
              StatusCode::DEADLINE_EXCEEDED);
    EXPECT_TRUE(eventually([&] { return counters.cancelled == 1; }));
}

TEST_F(Grpcpp, cancelling_reaches_the_handler) {
    EchoRequest request;
    request.set_delay_ms(60'000);
    EchoResponse response;
    ClientContext context;
    ::grpc::Status status;
    std::thread call([&] { status = stub->Unary(&context, request, &response); });
    EXPECT_TRUE(eventually([&] { return counters.running == 1; }));
    context.TryCancel();
    call.join();
    EXPECT_EQ(status.error_code(), StatusCode::CANCELLED);
    EXPECT_TRUE(eventually([&] { return counters.cancelled == 1; }));

    ClientContext streaming;
    auto stream = stub->Bidi(&streaming);
    ASSERT_TRUE(stream->Write({}));
    ASSERT_TRUE(stream->Read(&response));
    streaming.TryCancel();
    EXPECT_EQ(stream->Finish().error_code(), StatusCode::CANCELLED);
    EXPECT_TRUE(eventually([&] { return counters.cancelled == 2; }));
}

TEST_F(Grpcpp, compressed_messages_are_read_and_answered) {
    for (const auto algorithm : {GRPC_COMPRESS_GZIP, GRPC_COMPRESS_DEFLATE}) {
        EchoRequest request;
        request.set_payload(std::string(500'000, 'z'));
        EchoResponse response;
        ClientContext context;
        context.set_compression_algorithm(algorithm);
        ASSERT_TRUE(stub->Unary(&context, request, &response).ok());
        EXPECT_EQ(response.payload(), request.payload());
    }
}

TEST_F(Grpcpp, metadata_travels_both_ways) {
    EchoResponse response;
    ClientContext context;
    context.AddMetadata("x-echo-a", "1");
    context.AddMetadata("x-trail-bin", std::string("\0\xff", 2));
    ASSERT_TRUE(stub->Unary(&context, {}, &response).ok());
    EXPECT_EQ(context.GetServerInitialMetadata().find("x-echo-a")->second, "1");
    EXPECT_EQ(context.GetServerTrailingMetadata().find("x-trail-bin")->second,
              ::grpc::string_ref("\0\xff", 2));
}

TEST_F(Grpcpp, messages_past_the_limit_are_refused_and_the_connection_goes_on) {
    EchoRequest request;
    request.set_payload(std::string(4UL * 1024 * 1024, 'x'));
    EchoResponse response;
    ClientContext context;
    EXPECT_EQ(stub->Unary(&context, request, &response).error_code(),
              StatusCode::RESOURCE_EXHAUSTED);
    request.set_payload(std::string(4UL * 1024 * 1024 - 100, 'x'));
    ClientContext again;
    EXPECT_TRUE(stub->Unary(&again, request, &response).ok());
}

TEST_F(Grpcpp, a_drain_answers_what_runs_and_refuses_what_comes) {
    EchoRequest request;
    request.set_delay_ms(300);
    EchoResponse response;
    ClientContext context;
    ::grpc::Status status;
    std::thread call([&] { status = stub->Unary(&context, request, &response); });
    EXPECT_TRUE(eventually([&] { return counters.running == 1; }));
    EXPECT_TRUE(server->drain(20s));
    call.join();
    EXPECT_TRUE(status.ok());
    ClientContext late;
    EXPECT_EQ(stub->Unary(&late, {}, &response).error_code(), StatusCode::UNAVAILABLE);
    EXPECT_EQ(server->counters().connections_open, 0U);
}

TEST_F(Grpcpp, a_drain_without_patience_ends_what_runs) {
    EchoRequest request;
    request.set_delay_ms(60'000);
    EchoResponse response;
    ClientContext context;
    ::grpc::Status status;
    std::thread call([&] { status = stub->Unary(&context, request, &response); });
    EXPECT_TRUE(eventually([&] { return counters.running == 1; }));
    EXPECT_FALSE(server->drain(50ms));
    call.join();
    EXPECT_EQ(status.error_code(), StatusCode::UNAVAILABLE);
    EXPECT_TRUE(eventually([&] { return counters.cancelled == 1; }));
}

TEST_F(Grpcpp, many_threads_and_connections_at_once) {
    std::vector<std::thread> threads;
    std::atomic<int> answered{0};
    for (int t = 0; t < 8; ++t) {
        threads.emplace_back([&, t] {
            ::grpc::ChannelArguments own;
            own.SetInt("test.channel", t);
            const auto mine = Echo::NewStub(
                ::grpc::CreateCustomChannel("127.0.0.1:" + std::to_string(server->port()),
                                            ::grpc::InsecureChannelCredentials(), own));
            for (int i = 0; i < 200; ++i) {
                EchoRequest request;
                request.set_number(t * 1000 + i);
                EchoResponse response;
                ClientContext context;
                const auto status = i % 2 == 0 ? mine->Unary(&context, request, &response)
                                               : mine->Fast(&context, request, &response);
                if (status.ok() && response.number() == request.number()) ++answered;
            }
        });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(answered, 1600);
}

}  // namespace
}  // namespace rb
