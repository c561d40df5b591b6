// A server of the transport alone, for peers in other processes: Echo, health, reflection, CORS.
//
//     wire_server [--port N] [--workers N] [--queue N] [--io N] [--connections N]
//                 [--timeouts-ms N] [--stream-idle-ms N]
//
// Prints "port N" when it listens. GET /counters shows ServerCounters. SIGTERM drains; exit 0 when
// everything in flight was answered.

#include "transport/cors_layer.hpp"
#include "transport/server.hpp"
#include "transport/services/health_service.hpp"
#include "transport/services/reflection_service.hpp"

#include "wire/echo_service.hpp"

#include <charconv>
#include <csignal>
#include <cstdio>
#include <string>
#include <string_view>

namespace {

using namespace rb;

transport::ServerOptions options_from(int argc, char** argv) {
    transport::ServerOptions options{.port = 0};
    for (int i = 1; i + 1 < argc; i += 2) {
        const std::string_view name = argv[i];
        const std::string_view text = argv[i + 1];
        std::size_t value = 0;
        std::from_chars(text.data(), text.data() + text.size(), value);
        const std::chrono::milliseconds time(value);
        if (name == "--port") options.port = static_cast<std::uint16_t>(value);
        if (name == "--workers") options.max_concurrency = value;
        if (name == "--queue") options.queued_calls_max = value;
        if (name == "--connections") options.connections_max = value;
        if (name == "--io") options.io_threads = value;
        if (name == "--stream-idle-ms") options.timeouts.stream_read_idle = time;
        if (name == "--timeouts-ms") {
            options.timeouts = {.head = time,
                                .body_idle = time,
                                .write_idle = time,
                                .http1_idle = time,
                                .http2_idle = time,
                                .ping_interval = time,
                                .ping_timeout = time,
                                .stream_read_idle = time};
        }
    }
    return options;
}

std::string counters_json(const transport::ServerCounters& counters,
                          const wiretest::EchoCounters& echo) {
    const auto item = [](const char* name, std::uint64_t value) {
        return "\"" + std::string(name) + "\":" + std::to_string(value);
    };
    return "{" + item("open", counters.connections_open) + "," +
           item("refused", counters.connections_refused) + "," +
           item("timed_out", counters.connections_timed_out) + "," +
           item("calmed", counters.connections_calmed) + "," +
           item("protocol_errors", counters.protocol_errors) + "," + item("calls", counters.calls) +
           "," + item("active", counters.calls_active) + "," +
           item("body_bytes", counters.body_bytes_held) + "," +
           item("cancelled", echo.cancelled.load()) + "," + item("running", echo.running.load()) +
           "}";
}

}  // namespace

int main(int argc, char** argv) {
    // Before any thread starts, so that only sigwait() sees them.
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);

    wiretest::EchoCounters echo;
    transport::HealthService health;
    transport::MethodRegistry methods;
    transport::HttpRoutes routes;
    transport::Server* running = nullptr;

    wiretest::add_echo(methods, echo);
    wiretest::add_routes(routes, echo);
    routes.add(
        "GET", "/counters",
        [&](transport::CallContext&) -> Result<transport::Response> {
            return transport::http_json(200, counters_json(running->counters(), echo));
        },
        transport::Execution::io_thread);
    health.add_to(methods);
    health.set("", transport::Serving::serving);
    health.set("rustbill.wiretest.Echo", transport::Serving::serving);
    transport::add_reflection(methods);

    std::vector<std::unique_ptr<transport::Layer>> layers;
    layers.push_back(std::make_unique<transport::CorsLayer>(transport::CorsOptions{}));
    auto server = transport::Server::create(options_from(argc, argv), std::move(methods),
                                            std::move(routes), std::move(layers));
    if (server.has_error()) {
        std::fprintf(stderr, "%s\n", server.error().message.c_str());
        return 2;
    }
    running = server->get();
    if (const auto started = running->start(); started.has_error()) {
        std::fprintf(stderr, "%s\n", started.error().message.c_str());
        return 2;
    }
    std::printf("port %u\n", running->port());
    std::fflush(stdout);

    int signal = 0;
    sigwait(&signals, &signal);
    health.shut_down();
    return running->drain(std::chrono::seconds(10)) ? 0 : 1;
}
