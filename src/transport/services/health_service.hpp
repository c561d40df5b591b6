// grpc.health.v1.Health: Check and Watch, answered on the I/O thread.
//
// The empty service name stands for the whole server. Services not set are unknown: Check answers
// NOT_FOUND, Watch SERVICE_UNKNOWN until they are set. Any thread.

#pragma once

#include "transport/method_registry.hpp"

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace rb::transport {

enum class Serving { unknown, serving, not_serving };

class HealthService {
public:
    HealthService();
    ~HealthService();

    // Adds Check and Watch; the service must outlive the server that gets the registry.
    void add_to(MethodRegistry& registry);
    // Tells watchers when it changed.
    void set(const std::string& service, Serving state);
    // Every service becomes not_serving, as before a drain; open watches end with UNAVAILABLE, for
    // a stream without end would hold the drain.
    void shut_down();

private:
    Result<std::string> check(std::string_view request);
    void watch(std::string_view request, std::shared_ptr<StreamSink> sink);

    struct Watcher {
        std::string service;
        std::shared_ptr<StreamSink> sink;
    };
    std::mutex mutex_;
    bool shut_down_ = false;                 // guarded by mutex_
    std::map<std::string, Serving> states_;  // guarded by mutex_
    std::vector<Watcher> watchers_;          // guarded by mutex_
};

}  // namespace rb::transport
