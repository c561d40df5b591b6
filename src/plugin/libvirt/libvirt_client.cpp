#include "plugin/libvirt/libvirt_client.hpp"

#include "plugin/libvirt/event_loop.hpp"
#include "plugin/libvirt/handles.hpp"
#include "plugin/libvirt/libvirt_error.hpp"
#include "plugin/limits.hpp"

#include <libvirt/virterror.h>

#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace rb::plugin {

namespace {

// How long the end of the process waits for connections to say goodbye.
constexpr std::chrono::seconds goodbye_max{2};

Error not_run(const std::string& uri, const std::string& why) {
    return {ErrorCode::plugin_failed, "libvirt at " + uri + ": " + why};
}

Result<ConnectionHandle> connect(const std::string& uri) {
    ConnectionHandle connection(virConnectOpen(uri.c_str()));
    // The error is read before the handle goes, whose end forgets it.
    auto result = Result<ConnectionHandle>(nullptr);
    if (connection == nullptr) {
        result = libvirt_error("libvirt at " + uri);
    } else if (virConnectSetKeepAlive(connection.get(), libvirt_keepalive_secs,
                                      libvirt_keepalive_count) < 0 &&
               // The hypervisor inside of this process has nothing to keep alive.
               !last_error_is(VIR_ERR_NO_SUPPORT)) {
        result = libvirt_error("keepalive of libvirt at " + uri);
    } else {
        result = std::move(connection);
    }
    // Nothing was asked for yet, so nothing can have happened.
    if (result.has_error()) return Error{ErrorCode::plugin_failed, result.error().message};
    return result;
}

}  // namespace

// Shared with the threads of calls, which may outlive the client.
struct LibvirtClient::Lanes {
    struct Lane {
        int calls_out = 0;
        std::vector<ConnectionHandle> idle;
    };
    std::mutex mutex;
    // Guarded by mutex.
    std::map<std::string, Lane> lanes;
    bool is_closing = false;

    bool enter(const std::string& uri) {
        const std::lock_guard lock(mutex);
        auto& lane = lanes[uri];
        if (lane.calls_out >= libvirt_calls_per_uri_max) return false;
        ++lane.calls_out;
        return true;
    }
    void leave(const std::string& uri) {
        const std::lock_guard lock(mutex);
        const auto found = lanes.find(uri);
        if (--found->second.calls_out == 0 && found->second.idle.empty()) lanes.erase(found);
    }
    // An idle connection that is still alive, or none.
    ConnectionHandle take(const std::string& uri) {
        for (;;) {
            ConnectionHandle connection;
            {
                const std::lock_guard lock(mutex);
                auto& idle = lanes[uri].idle;
                if (idle.empty()) return nullptr;
                connection = std::move(idle.back());
                idle.pop_back();
            }
            if (virConnectIsAlive(connection.get()) == 1) return connection;
        }
    }
    void give_back(const std::string& uri, ConnectionHandle connection) {
        if (virConnectIsAlive(connection.get()) != 1) return;
        const std::lock_guard lock(mutex);
        auto& idle = lanes[uri].idle;
        if (!is_closing && idle.size() < libvirt_idle_connections_max) {
            idle.push_back(std::move(connection));
        }
    }
};

struct LibvirtClient::Call {
    std::string uri;
    LibvirtJob job;

    std::mutex mutex;
    std::condition_variable ended;
    // Guarded by mutex. A caller that left before the job began keeps it from beginning.
    bool has_begun = false;
    bool is_left = false;
    bool has_connected = false;
    std::optional<Result<Json>> result;

    bool begin() {
        const std::lock_guard lock(mutex);
        has_connected = true;
        has_begun = !is_left;
        return has_begun;
    }
    void end(Result<Json> outcome) {
        const std::lock_guard lock(mutex);
        result.emplace(std::move(outcome));
        ended.notify_all();
    }
};

LibvirtClient::LibvirtClient(core::Log& log) : breaker_(log), lanes_(std::make_shared<Lanes>()) {}

LibvirtClient::~LibvirtClient() {
    std::vector<ConnectionHandle> idle;
    {
        const std::lock_guard lock(lanes_->mutex);
        lanes_->is_closing = true;
        for (auto& [uri, lane] : lanes_->lanes) {
            for (auto& connection : lane.idle) idle.push_back(std::move(connection));
            lane.idle.clear();
        }
    }
    if (idle.empty()) return;
    // Closing asks libvirtd too, and a hung one must not hold the end of the process.
    auto call = std::make_shared<Call>();
    auto closing = std::make_shared<std::vector<ConnectionHandle>>(std::move(idle));
    try {
        std::thread([call, closing] {
            closing->clear();
            call->end(as_result(Json()));
        }).detach();
    } catch (const std::system_error&) {
        return;
    }
    std::unique_lock lock(call->mutex);
    call->ended.wait_for(lock, goodbye_max, [&] { return call->result.has_value(); });
}

void LibvirtClient::work(const std::shared_ptr<Lanes>& lanes, const std::shared_ptr<Call>& call) {
    auto connection = lanes->take(call->uri);
    if (connection == nullptr) {
        auto connected = connect(call->uri);
        if (connected.has_error()) {
            lanes->leave(call->uri);
            call->end(connected.error());
            return;
        }
        connection = std::move(*connected);
    }
    if (!call->begin()) {
        lanes->give_back(call->uri, std::move(connection));
        lanes->leave(call->uri);
        return;
    }
    auto outcome = call->job(*connection);
    // The caller may go on, and end the process, as soon as he has his answer.
    lanes->give_back(call->uri, std::move(connection));
    lanes->leave(call->uri);
    call->end(std::move(outcome));
}

Result<Json> LibvirtClient::run(const std::string& uri, LibvirtJob job,
                                std::chrono::milliseconds time) {
    if (!breaker_.admit(uri)) return not_run(uri, "failed repeatedly and is not asked for a while");
    if (!lanes_->enter(uri)) {
        breaker_.abandoned(uri);
        return not_run(uri, "too many calls have not come back");
    }
    start_libvirt_event_loop();
    auto call = std::make_shared<Call>();
    call->uri = uri;
    call->job = std::move(job);
    try {
        std::thread(&LibvirtClient::work, lanes_, call).detach();
    } catch (const std::system_error&) {
        lanes_->leave(uri);
        breaker_.abandoned(uri);
        return not_run(uri, "no thread is free");
    }
    std::unique_lock lock(call->mutex);
    const bool has_ended =
        call->ended.wait_for(lock, time, [&] { return call->result.has_value(); });
    if (!has_ended) {
        call->is_left = true;
        breaker_.failed(uri);
        if (!call->has_begun) return not_run(uri, "did not take a connection in time");
        return Error{ErrorCode::outcome_unknown, "libvirt at " + uri + ": did not answer in time"};
    }
    const bool broke =
        !call->has_connected ||
        (call->result->has_error() && call->result->error().code == ErrorCode::outcome_unknown);
    if (broke) {
        breaker_.failed(uri);
    } else {
        breaker_.succeeded(uri);
    }
    return std::move(*call->result);
}

CircuitState LibvirtClient::circuit_of(const std::string& uri) const {
    return breaker_.state_of(uri);
}

int LibvirtClient::calls_out(const std::string& uri) const {
    const std::lock_guard lock(lanes_->mutex);
    const auto found = lanes_->lanes.find(uri);
    return found == lanes_->lanes.end() ? 0 : found->second.calls_out;
}

}  // namespace rb::plugin
