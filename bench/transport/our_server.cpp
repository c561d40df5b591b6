// Echo.Fast on rb_transport: bench_transport_server PORT [IO_THREADS]

#include "transport/server.hpp"

#include <echo.pb.h>

#include <charconv>
#include <csignal>
#include <cstdio>
#include <string_view>

namespace {

std::size_t number(int argc, char** argv, int index, std::size_t otherwise) {
    if (index >= argc) return otherwise;
    const std::string_view text = argv[index];
    std::from_chars(text.data(), text.data() + text.size(), otherwise);
    return otherwise;
}

}  // namespace

int main(int argc, char** argv) {
    using namespace rb;
    using rustbill::wiretest::EchoRequest;
    using rustbill::wiretest::EchoResponse;

    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);

    const auto echo = [](transport::CallContext&,
                         const EchoRequest& request) -> Result<EchoResponse> {
        EchoResponse response;
        response.set_text(request.text());
        return response;
    };
    transport::MethodRegistry methods;
    methods.unary<EchoRequest, EchoResponse>("/rustbill.wiretest.Echo/Fast", echo,
                                             transport::Execution::io_thread);
    methods.unary<EchoRequest, EchoResponse>("/rustbill.wiretest.Echo/Unary", echo);

    transport::ServerOptions options;
    options.port = static_cast<std::uint16_t>(number(argc, argv, 1, 50071));
    options.io_threads = number(argc, argv, 2, 0);
    auto server = transport::Server::create(options, std::move(methods), {}, {});
    if (server.has_error() || (*server)->start().has_error()) {
        std::fprintf(stderr, "cannot listen on port %u\n", options.port);
        return 1;
    }
    int signal = 0;
    sigwait(&signals, &signal);
    (*server)->drain(std::chrono::seconds(1));
    return 0;
}
