#include "transport/services/health_service.hpp"

#include <grpc/health/v1/health.pb.h>

#include <algorithm>

namespace rb::transport {
namespace {

using ::grpc::health::v1::HealthCheckRequest;
using ::grpc::health::v1::HealthCheckResponse;

// A stream costs memory for as long as its peer likes; honest peers keep one or two.
constexpr std::size_t watchers_max = 1000;

std::string encoded(HealthCheckResponse::ServingStatus status) {
    HealthCheckResponse response;
    response.set_status(status);
    return response.SerializeAsString();
}

HealthCheckResponse::ServingStatus status_of(Serving state) {
    switch (state) {
        case Serving::unknown:
            return HealthCheckResponse::UNKNOWN;
        case Serving::serving:
            return HealthCheckResponse::SERVING;
        case Serving::not_serving:
            return HealthCheckResponse::NOT_SERVING;
    }
    return HealthCheckResponse::UNKNOWN;
}

}  // namespace

HealthService::HealthService() = default;
HealthService::~HealthService() = default;

void HealthService::add_to(MethodRegistry& registry) {
    registry.add(
        "/grpc.health.v1.Health/Check",
        UnaryHandler([this](CallContext&, std::string_view request) { return check(request); }),
        Execution::io_thread);
    registry.add(
        "/grpc.health.v1.Health/Watch",
        SinkHandler{[this](CallContext&, std::string_view request,
                           std::shared_ptr<StreamSink> sink) { watch(request, std::move(sink)); }},
        Execution::io_thread);
}

Result<std::string> HealthService::check(std::string_view bytes) {
    HealthCheckRequest request;
    if (!MethodRegistry::parse(bytes, request)) return MethodRegistry::unreadable(request);
    const std::lock_guard lock(mutex_);
    const auto state = states_.find(request.service());
    if (state == states_.end()) {
        return Error{ErrorCode::not_found, "there is no service " + request.service()};
    }
    return encoded(status_of(state->second));
}

void HealthService::watch(std::string_view bytes, std::shared_ptr<StreamSink> sink) {
    HealthCheckRequest request;
    if (!MethodRegistry::parse(bytes, request)) {
        return sink->finish(MethodRegistry::unreadable(request));
    }
    const std::lock_guard lock(mutex_);
    if (shut_down_) {
        return sink->finish(Error{ErrorCode::unavailable, "the server is shutting down"});
    }
    std::erase_if(watchers_, [](const Watcher& watcher) { return watcher.sink->closed(); });
    if (watchers_.size() >= watchers_max) {
        return sink->finish(Error{ErrorCode::too_many_requests, "too many watchers"});
    }
    const auto state = states_.find(request.service());
    sink->send(encoded(state == states_.end() ? HealthCheckResponse::SERVICE_UNKNOWN
                                              : status_of(state->second)));
    watchers_.push_back({request.service(), std::move(sink)});
}

void HealthService::set(const std::string& service, Serving state) {
    const std::lock_guard lock(mutex_);
    const auto [entry, added] = states_.try_emplace(service, state);
    if (!added && entry->second == state) return;
    entry->second = state;
    for (const auto& watcher : watchers_) {
        if (watcher.service == service) watcher.sink->send(encoded(status_of(state)));
    }
}

void HealthService::shut_down() {
    const std::lock_guard lock(mutex_);
    shut_down_ = true;
    for (auto& [service, state] : states_) state = Serving::not_serving;
    for (const auto& watcher : watchers_) {
        watcher.sink->send(encoded(HealthCheckResponse::NOT_SERVING));
        watcher.sink->finish(Error{ErrorCode::unavailable, "the server is shutting down"});
    }
    watchers_.clear();
}

}  // namespace rb::transport
