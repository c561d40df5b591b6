// App: one server process, from its configuration to its end.
//
//     auto app = TRY(App::start(config, log));
//     wait_for_a_signal();
//     app->stop();
//
// Start: pool, migrations, first administrator, plugin scan, listen, ready, workers. Whatever fails
// on the way ends the start with the reason, and nothing is left behind.

#pragma once

#include "base/result.hpp"

#include "core/ports/log.hpp"

#include "config/config.hpp"

#include <cstdint>
#include <memory>

namespace rb::server {

class App {
public:
    // `log` must outlive the app.
    // ERRORS: unavailable          the database does not answer, or the port is taken
    //         failed_precondition  a migration changed, failed or is newer; a method has no handler
    //         invalid_argument     [bootstrap] breaks a rule of accounts
    static Result<std::unique_ptr<App>> start(const config::Config& config, core::Log& log);
    // Ends without patience what stop() has not ended.
    ~App();
    App(const App&) = delete;
    App& operator=(const App&) = delete;

    // The port listened on.
    [[nodiscard]] std::uint16_t port() const;

    // Readiness goes off, peers are told to go elsewhere, calls in flight finish (at most
    // [server].drain_timeout_secs), workers end, roles are released. True when nothing was cut
    // short.
    bool stop();

private:
    struct Parts;
    explicit App(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

}  // namespace rb::server
