#include "server/middleware/metrics_layer.hpp"

#include <chrono>

namespace rb::server {

Result<transport::Response> MetricsLayer::handle(transport::CallContext& call,
                                                 transport::Next next) {
    if (!call.is_rpc()) return next(call);
    const auto begun = std::chrono::steady_clock::now();
    auto outcome = next(call);
    const auto took = std::chrono::steady_clock::now() - begun;
    const auto status = outcome.has_error()
                            ? static_cast<std::size_t>(grpc_status_of(outcome.error().code))
                            : std::size_t{0};
    requests_.record(call.path(), status,
                     std::chrono::duration_cast<std::chrono::microseconds>(took));
    return outcome;
}

}  // namespace rb::server
