// Whole requests without a socket: bytes into a session, through classification, decoding,
// handlers on the I/O thread, and encoding, in every protocol.
//
// The first byte chooses HTTP/1.1 or HTTP/2 and the length of the pieces.

#include "transport/cors_layer.hpp"
#include "transport/http1/session.hpp"
#include "transport/http2/session.hpp"
#include "transport/services/health_service.hpp"
#include "transport/services/reflection_service.hpp"
#include "transport/testing/desk.hpp"

#include <cstddef>
#include <cstdint>

namespace {

using namespace rb;
using namespace rb::transport;

struct World {
    World() {
        health.set("", Serving::serving);
        MethodRegistry methods;
        health.add_to(methods);
        add_reflection(methods);
        HttpRoutes routes;
        routes.add(
            "POST", "/callbacks/",
            [](CallContext& call) -> Result<Response> {
                return http_text(200, std::string(call.body()));
            },
            Execution::io_thread);
        std::vector<std::unique_ptr<Layer>> layers;
        layers.push_back(std::make_unique<CorsLayer>(CorsOptions{}));
        environment = std::make_unique<Environment>(
            ServerOptions{.max_concurrency = 1, .queued_calls_max = 1}, std::move(methods),
            std::move(routes), std::move(layers));
        // What would need a worker is refused, so that every run is alike.
        environment->workers.stop();
    }
    HealthService health;
    std::unique_ptr<Environment> environment;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static World world;
    if (size < 2) return 0;
    const std::size_t piece = (data[0] & 0x7fU) * 8U + 1U;
    std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);

    testing::Desk desk(*world.environment);
    const auto now = TimePoint{} + std::chrono::hours(1);
    if ((data[0] & 0x80U) != 0) {
        desk.use(std::make_unique<http2::Http2Session>(desk, http::SessionLimits{}, now));
        desk.session().receive(http2::client_preface, now);
    } else {
        desk.use(std::make_unique<http1::Http1Session>(desk, http::SessionLimits{}, now));
    }
    std::string out;
    while (!input.empty() && desk.session().end() == http::SessionEnd::open) {
        desk.session().receive(input.substr(0, piece), now);
        input.remove_prefix(std::min(piece, input.size()));
        desk.run_posted();
        out.clear();
        desk.session().produce(out);
    }
    desk.session().receive_end();
    return 0;
}
