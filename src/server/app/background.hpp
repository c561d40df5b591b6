// Background: the workers of this process, one thread each (operations manual 7.3, 12.3).
//
//   event_worker ×N    does due events; woken by commits anywhere through LISTEN
//   event_listener     waits for those commits
//   event_announcer    tells of ours, those of a moment together
//   reconciler         looks at servers that are due
//   orphan_sweep       asks providers for all they hold, on the server that leads the events
//   payment_poller     asks gateways about open payments
//   order_timeout      ends orders that nobody paid for a day; one server at a time
//   billing            renewals and dunning, on the server that leads the role
//   housekeeping       removes what is past its retention, on the server that leads the events
//   leader             takes and renews the roles
//   heartbeat          says that this process lives, until all others have ended
//   plugin_scanner     reads plugins_dir every five minutes
//   plugin_listener    drops plugins that were edited on another server
//   plugin_health      asks every interface how it is
//   metrics            pushes them to the collector, where one is named
//   pool               closes connections that are idle or old

#pragma once

#include "config/config.hpp"
#include "server/app/foundation.hpp"
#include "server/app/metrics.hpp"
#include "server/app/plugin_host.hpp"
#include "server/app/services.hpp"
#include "server/workers/leadership.hpp"
#include "server/workers/presence.hpp"
#include "server/workers/worker.hpp"

#include <memory>
#include <vector>

namespace rb::server {

class Background {
public:
    // All must outlive it.
    struct Parts {
        const config::Config& config;
        Foundation& foundation;
        PluginHost& plugins;
        Services& services;
        Leadership& leadership;
        Presence& presence;
        // Null when no metrics are exported.
        Metrics* metrics = nullptr;
    };
    explicit Background(const Parts& parts);
    // Stops all workers and waits for the steps that run.
    ~Background();
    Background(const Background&) = delete;
    Background& operator=(const Background&) = delete;

    void start();
    // Asks all to stop, but for the heartbeat, which goes on until the others have ended; returns
    // at once.
    void request_stop();

private:
    void add(std::string name, Worker::Step step);
    void add_heartbeat(const Parts& parts);
    void add_event_workers(const Parts& parts);
    void add_money_workers(const Parts& parts);
    void add_plugin_workers(const Parts& parts);
    void add_house_keeping(const Parts& parts);

    core::Log& log_;
    // The event workers are woken by the listener, which therefore ends first.
    std::vector<std::unique_ptr<core::EventWorker>> event_loops_;
    std::vector<Worker*> event_workers_;
    std::vector<std::unique_ptr<Worker>> workers_;
    const Worker* heartbeat_ = nullptr;
};

}  // namespace rb::server
