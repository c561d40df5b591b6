// The one door through which plugins speak to libvirt.
//
// libvirt's calls block and cannot be ended from outside. So each runs on a thread of its own with
// a connection of its own, and its caller waits no longer than he said: a call that has not come
// back by then is left behind, with its thread and connection, and ends when libvirtd answers, when
// keepalive gives libvirtd up, or with the process. How many may be left behind is bounded per URI,
// and a circuit breaker per URI (http/circuit_breaker.hpp) keeps new ones from following. libvirtd
// itself may still carry out what was left behind.
//
// Nothing is loaded, started or connected before the first call. Thread-safe.

#pragma once

#include "base/result.hpp"

#include "core/ports/log.hpp"

#include "plugin/http/circuit_breaker.hpp"
#include "plugin/json.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>

extern "C" {
// The name is libvirt's.
typedef struct _virConnect virConnect;  // NOLINT(bugprone-reserved-identifier)
}

namespace rb::plugin {

// What one call does with its connection. It may outlive its caller, so it owns what it needs.
using LibvirtJob = std::function<Result<Json>(virConnect& connection)>;

class LibvirtClient {
public:
    // `log` must outlive the client.
    explicit LibvirtClient(core::Log& log);
    // Closes the idle connections, within a bounded time; calls left behind stay behind.
    ~LibvirtClient();
    LibvirtClient(const LibvirtClient&) = delete;
    LibvirtClient& operator=(const LibvirtClient&) = delete;

    // Connects, or takes an idle connection, and runs the job.
    // REQUIRES: the URI has passed check_libvirt_uri
    // ERRORS:   plugin_failed    no connection, circuit open, too many calls out: the job did not
    //                            run
    //           outcome_unknown  the job runs on, past `time`
    //           the job's own
    Result<Json> run(const std::string& uri, LibvirtJob job, std::chrono::milliseconds time);

    [[nodiscard]] CircuitState circuit_of(const std::string& uri) const;
    // Calls to the URI that run or have not come back.
    [[nodiscard]] int calls_out(const std::string& uri) const;

private:
    struct Lanes;
    struct Call;
    static void work(const std::shared_ptr<Lanes>& lanes, const std::shared_ptr<Call>& call);

    CircuitBreaker breaker_;
    std::shared_ptr<Lanes> lanes_;
};

}  // namespace rb::plugin
