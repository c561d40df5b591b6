#include "server/app/app.hpp"

#include "store_pg/migration_runner.hpp"

#include "server/app/background.hpp"
#include "server/app/foundation.hpp"
#include "server/app/metrics.hpp"
#include "server/app/plugin_host.hpp"
#include "server/app/services.hpp"
#include "server/app/web.hpp"
#include "server/version.hpp"

#include <chrono>
#include <optional>

namespace rb::server {

namespace {

constexpr std::string_view target = "rustbill_server";

}  // namespace

// Members stand in the order they need one another; the last made ends first.
struct App::Parts {
    Parts(const config::Config& given, core::Log& log) : config(given), foundation(config, log) {}

    const config::Config config;
    Foundation foundation;
    Readiness readiness;
    transport::HealthService health;
    std::optional<PluginHost> plugins;
    std::optional<Services> services;
    std::optional<Leadership> leadership;
    std::optional<Presence> presence;
    // Both only when metrics are exported.
    std::optional<telemetry::RequestMetrics> requests;
    std::unique_ptr<transport::Server> web;
    std::optional<Metrics> metrics;
    std::optional<Background> background;
    bool is_stopped = false;

    Result<> migrate();
    Result<> prepare();
    Result<> listen();
};

Result<> App::Parts::migrate() {
    store_pg::MigrationRunner runner(connection_options(config.db, foundation.log),
                                     foundation.node);
    const auto count = TRY(runner.run());
    foundation.log.info("rustbill_server::migration", "schema is up to date",
                        {{"migrations_run", count}});
    return {};
}

Result<> App::Parts::prepare() {
    auto& log = foundation.log;
    plugins.emplace(config, foundation);
    services.emplace(config, foundation, plugins->directory);
    const auto bootstrap = TRY(services->users.ensure_administrator(
        config.bootstrap.admin_username, config.bootstrap.admin_password));
    if (bootstrap == core::BootstrapOutcome::created) {
        log.info(target, "first administrator created",
                 {{"username", config.bootstrap.admin_username}});
    }
    TRY(plugins->scanner.scan());
    return {};
}

Result<> App::Parts::listen() {
    const bool has_metrics = !config.telemetry.metrics_endpoint.empty();
    if (has_metrics) requests.emplace(rpc_paths());
    web = TRY(make_web_server({.config = config,
                               .foundation = foundation,
                               .plugins = *plugins,
                               .services = *services,
                               .readiness = readiness,
                               .health = health,
                               .requests = has_metrics ? &*requests : nullptr}));
    TRY(web->start());
    const auto address = config.server.host + ":" + std::to_string(web->port());

    leadership.emplace(
        Leadership::Ports{
            .database = *foundation.database, .clock = foundation.clock, .log = foundation.log},
        foundation.node);
    presence.emplace(
        Presence::Ports{
            .database = *foundation.database, .clock = foundation.clock, .log = foundation.log},
        foundation.node, address);
    TRY(presence->beat());
    foundation.log.info(
        target, "server registered",
        {{"node", foundation.node.to_string()}, {"address", address}, {"version", version}});
    if (has_metrics) {
        metrics.emplace(Metrics::Parts{.config = config.telemetry,
                                       .foundation = foundation,
                                       .plugins = *plugins,
                                       .services = *services,
                                       .requests = *requests,
                                       .web = *web},
                        foundation.clock.now());
    }
    background.emplace(Background::Parts{.config = config,
                                         .foundation = foundation,
                                         .plugins = *plugins,
                                         .services = *services,
                                         .leadership = *leadership,
                                         .presence = *presence,
                                         .metrics = has_metrics ? &*metrics : nullptr});
    background->start();
    readiness.set_ready();
    health.set("", transport::Serving::serving);
    return {};
}

Result<std::unique_ptr<App>> App::start(const config::Config& config, core::Log& log) {
    const auto begun = std::chrono::steady_clock::now();
    auto parts = std::make_unique<Parts>(config, log);
    TRY(parts->foundation.open_database(config.db));
    TRY(parts->foundation.open_redis(config.redis));
    TRY(parts->migrate());
    TRY(parts->prepare());
    TRY(parts->listen());
    const auto took = std::chrono::steady_clock::now() - begun;
    log.info(target, "ready",
             {{"address", config.server.host + ":" + std::to_string(parts->web->port())},
              {"elapsed_ms", std::chrono::duration_cast<std::chrono::milliseconds>(took).count()}});
    return std::unique_ptr<App>(new App(std::move(parts)));
}

App::App(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

App::~App() {
    if (parts_->is_stopped) return;
    parts_->readiness.set_draining();
    parts_->health.shut_down();
    parts_->web->drain(std::chrono::milliseconds(0));
}

std::uint16_t App::port() const {
    return parts_->web->port();
}

bool App::stop() {
    auto& parts = *parts_;
    auto& log = parts.foundation.log;
    log.info(target, "draining");
    parts.readiness.set_draining();
    parts.health.shut_down();
    parts.background->request_stop();
    const bool complete =
        parts.web->drain(std::chrono::seconds(parts.config.server.drain_timeout_secs));
    parts.background.reset();
    // Another server takes over at once instead of after the leases; if the database is gone, it
    // takes over when they run out.
    for (const auto& left : {parts.leadership->release_all(), parts.presence->leave()}) {
        if (left.has_error()) {
            log.warn(target, "could not sign off", {{"error", left.error().message}});
        }
    }
    if (parts.metrics) parts.metrics->export_last();
    parts.is_stopped = true;
    log.info(target, "stopped", {{"complete", complete}});
    return complete;
}

}  // namespace rb::server
