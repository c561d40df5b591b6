#include "server/app/background.hpp"

#include "core/housekeeping/retention.hpp"

#include "plugin/limits.hpp"
#include "store_pg/listener.hpp"

#include "server/limits.hpp"

namespace rb::server {

// An opening asks its provider up to three times: poll, probe, open.
static_assert(core::limits::event_lease - core::limits::event_lease_fresh >=
              3 * plugin::script_deadline);

Background::Background(const Parts& parts) : log_(parts.foundation.log) {
    add_heartbeat(parts);
    add_event_workers(parts);
    add_money_workers(parts);
    add_plugin_workers(parts);
    add_house_keeping(parts);
}

Background::~Background() {
    request_stop();
    // Last made, first ended: a listener before those it wakes, the heartbeat after all.
    while (!workers_.empty()) workers_.pop_back();
}

void Background::start() {
    for (auto& worker : workers_) worker->start();
}

// But for the heartbeat: a step may take minutes to end, and a server that is silent meanwhile is
// struck off and its events are given to others while it still works on them.
void Background::request_stop() {
    for (auto& worker : workers_) {
        if (worker.get() != heartbeat_) worker->request_stop();
    }
}

void Background::add(std::string name, Worker::Step step) {
    workers_.push_back(
        std::make_unique<Worker>(WorkerOptions{.name = std::move(name)}, log_, std::move(step)));
}

void Background::add_heartbeat(const Parts& parts) {
    add("heartbeat", [&presence = parts.presence](const std::stop_token&) -> Result<Rest> {
        TRY(presence.beat());
        return Rest(limits::heartbeat_interval);
    });
    heartbeat_ = workers_.back().get();
}

void Background::add_event_workers(const Parts& parts) {
    auto& base = parts.foundation;
    const auto handlers = parts.services.event_handlers();
    for (std::int64_t i = 0; i < parts.config.workers.event_threads; ++i) {
        event_loops_.push_back(
            std::make_unique<core::EventWorker>(*base.database, base.clock, base.log, handlers,
                                                base.node.to_string() + "/" + std::to_string(i)));
        add("event_worker",
            [loop = event_loops_.back().get()](const std::stop_token&) -> Result<Rest> {
                const auto report = TRY(loop->run_once(limits::events_per_batch));
                // A full batch means that there may be more.
                if (report.taken() == limits::events_per_batch) return Rest(0);
                return Rest(limits::event_poll_interval);
            });
        event_workers_.push_back(workers_.back().get());
    }
    const auto listener = std::make_shared<store_pg::Listener>(
        connection_options(parts.config.db, base.log), store_pg::events_channel);
    add("event_listener", [this, listener](const std::stop_token&) -> Result<Rest> {
        if (!TRY(listener->wait(limits::listen_interval))) return Rest(0);
        for (auto* worker : event_workers_) worker->wake();
        return Rest(limits::event_wake_interval);
    });
    add("event_announcer",
        [&announcer = base.database->announcer()](const std::stop_token&) -> Result<Rest> {
            // A burst's first commit is told of at once, the others together.
            if (!TRY(announcer.send(limits::listen_interval))) return Rest(0);
            return Rest(limits::event_wake_interval);
        });
}

void Background::add_money_workers(const Parts& parts) {
    auto& services = parts.services;
    add("reconciler", [&services](const std::stop_token&) -> Result<Rest> {
        TRY(services.reconciler.check_due());
        return Rest(limits::reconcile_interval);
    });
    // Once is enough for all servers.
    add("orphan_sweep",
        [&services, &leadership = parts.leadership](const std::stop_token&) -> Result<Rest> {
            if (!leadership.leads(core::LeaderRole::events)) {
                return Rest(limits::orphan_sweep_leader_check);
            }
            TRY(services.orphan_sweep.run_once());
            return Rest(limits::orphan_sweep_interval);
        });
    add("payment_poller", [&services](const std::stop_token&) -> Result<Rest> {
        TRY(services.payments.poll_due(limits::payments_per_poll));
        return Rest(limits::payment_poll_interval);
    });
    add("order_timeout",
        [&services, &locks = parts.foundation.locks()](const std::stop_token&) -> Result<Rest> {
            // Before an order ends its gateway is asked; once is enough for all servers. Should two
            // do it at once after all, the order's own lock lets one of them end it.
            const auto held = TRY(locks.try_lock("order_timeout", limits::order_timeout_lock));
            if (held) TRY(services.orders.cancel_expired(limits::orders_per_timeout));
            return Rest(limits::order_timeout_interval);
        });
    add("billing",
        [&services, &leadership = parts.leadership](const std::stop_token&) -> Result<Rest> {
            if (leadership.leads(core::LeaderRole::billing)) TRY(services.billing_run.run_once());
            return Rest(limits::billing_interval);
        });
}

void Background::add_plugin_workers(const Parts& parts) {
    auto& plugins = parts.plugins;
    // The start has scanned already.
    add("plugin_scanner", [&plugins, first = true](const std::stop_token&) mutable -> Result<Rest> {
        if (!std::exchange(first, false)) TRY(plugins.scanner.scan());
        return Rest(plugin::scan_interval);
    });
    add("plugin_health", [&plugins](const std::stop_token&) -> Result<Rest> {
        plugins.directory.check_all();
        return Rest(plugin::health_check_interval);
    });
    const auto listener = std::make_shared<store_pg::Listener>(
        connection_options(parts.config.db, parts.foundation.log), store_pg::plugins_channel);
    // A new interface counts as failing until it has been asked, so it is asked at once.
    add("plugin_listener",
        [&plugins, listener,
         health = workers_.back().get()](const std::stop_token&) -> Result<Rest> {
            if (TRY(listener->wait(limits::listen_interval))) {
                TRY(plugins.directory.refresh());
                health->wake();
            }
            return Rest(0);
        });
}

void Background::add_house_keeping(const Parts& parts) {
    // Once is enough for all servers.
    add("housekeeping",
        [&housekeeping = parts.services.housekeeping,
         &leadership = parts.leadership](const std::stop_token&) -> Result<Rest> {
            if (!leadership.leads(core::LeaderRole::events)) {
                return Rest(limits::housekeeping_leader_check);
            }
            const auto report = TRY(housekeeping.run_once(core::retention::rows_per_batch));
            if (report.has_more) return Rest(limits::housekeeping_batch_pause);
            return Rest(limits::housekeeping_interval);
        });
    add("leader", [&leadership = parts.leadership](const std::stop_token&) -> Result<Rest> {
        TRY(leadership.take_or_renew());
        return Rest(limits::lease_renewal_interval);
    });
    if (parts.metrics != nullptr) {
        add("metrics",
            [&metrics = *parts.metrics,
             first = true](const std::stop_token& stop) mutable -> Result<Rest> {
                if (!std::exchange(first, false)) metrics.export_once(stop);
                return Rest(metrics.interval());
            });
    }
    add("pool", [&pool = *parts.foundation.pool](const std::stop_token&) -> Result<Rest> {
        pool.prune();
        return Rest(limits::pool_prune_interval);
    });
}

}  // namespace rb::server
