// /health and /ready (operations manual 7.2).
//
// /health answers 200 with an empty body on the I/O thread, so also while every worker is busy: it
// says that the process lives. /ready says whether to send it work: 200, or 503 before the start is
// complete, while the database does not answer, and from the first moment of a drain.

#pragma once

#include "base/result.hpp"

#include "transport/http_routes.hpp"

#include <atomic>
#include <functional>

namespace rb::server {

// Whether the process takes work. Any thread.
class Readiness {
public:
    void set_ready() { state_.store(State::ready); }
    // For good.
    void set_draining() { state_.store(State::draining); }
    [[nodiscard]] bool is_ready() const { return state_.load() == State::ready; }

private:
    enum class State { starting, ready, draining };
    std::atomic<State> state_{State::starting};
};

// Asks the database something small; blocks at most [db].acquire_timeout_secs.
using DatabaseProbe = std::function<Result<>()>;

// `readiness` must outlive the routes.
void add_health_routes(transport::HttpRoutes& routes, const Readiness& readiness,
                       DatabaseProbe probe);

}  // namespace rb::server
