#include "server/app/services.hpp"

#include <chrono>

namespace rb::server {

core::SessionSettings session_settings(const config::SessionConfig& session) {
    const auto same_site = core::parse_same_site(session.cookie_same_site);
    ASSERT(!same_site.has_error());
    return {.cookie_name = session.cookie_name,
            .idle_timeout = std::chrono::minutes(session.idle_timeout_minutes),
            .absolute_timeout = std::chrono::hours(session.absolute_timeout_hours),
            .cookie_secure = session.cookie_secure,
            .cookie_same_site = *same_site};
}

std::string public_url(const config::ServerConfig& server) {
    if (!server.public_url.empty()) return server.public_url;
    // An address to listen on need not be one to call.
    const bool is_any = server.host == "0.0.0.0" || server.host == "::";
    return "http://" + (is_any ? "127.0.0.1" : server.host) + ":" + std::to_string(server.port);
}

Services::Services(const config::Config& config, Foundation& base, core::PluginDirectory& plugins)
    : authenticator({.database = *base.database,
                     .access_tokens = base.access_tokens,
                     .digester = base.digester,
                     .session_cache = *base.session_cache,
                     .clock = base.clock},
                    session_settings(config.session)),
      sign_in({.database = *base.database,
               .passwords = base.passwords,
               .access_tokens = base.access_tokens,
               .digester = base.digester,
               .session_cache = *base.session_cache,
               .clock = base.clock,
               .ids = base.ids,
               .random = base.random},
              {.access_token_lifetime = std::chrono::hours(config.jwt.expiry_hours),
               .session = session_settings(config.session)}),
      registration({.database = *base.database,
                    .passwords = base.passwords,
                    .digester = base.digester,
                    .plugins = plugins,
                    .clock = base.clock,
                    .ids = base.ids}),
      users(*base.database, base.passwords, base.clock, base.ids),
      api_keys({.database = *base.database,
                .digester = base.digester,
                .clock = base.clock,
                .ids = base.ids,
                .random = base.random}),
      customers(*base.database, base.clock, base.ids),
      categories(*base.database, base.clock, base.ids),
      groups(*base.database, base.clock, base.ids),
      products(*base.database, base.clock, base.ids),
      upstreams(
          {.database = *base.database, .plugins = plugins, .clock = base.clock, .ids = base.ids}),
      tickets(*base.database, base.clock, base.ids),
      invoice_settlement(base.ids),
      payments({.database = *base.database,
                .plugins = plugins,
                .invoices = invoice_settlement,
                .clock = base.clock,
                .ids = base.ids,
                .faults = *base.faults,
                .log = base.log},
               {.public_url = public_url(config.server), .return_url = public_url(config.server)}),
      orders({.database = *base.database,
              .plugins = plugins,
              .payments = payments,
              .clock = base.clock,
              .ids = base.ids,
              .digester = base.digester,
              .log = base.log}),
      balances(*base.database, base.clock, base.ids),
      invoices({.database = *base.database,
                .payments = payments,
                .settlement = invoice_settlement,
                .clock = base.clock,
                .ids = base.ids}),
      billing_run({.database = *base.database,
                   .invoices = invoices,
                   .settlement = invoice_settlement,
                   .clock = base.clock,
                   .ids = base.ids,
                   .log = base.log}),
      instances({.database = *base.database,
                 .plugins = plugins,
                 .clock = base.clock,
                 .ids = base.ids,
                 .log = base.log}),
      events(*base.database, base.clock, base.ids),
      notifications({.database = *base.database,
                     .plugins = plugins,
                     .digester = base.digester,
                     .clock = base.clock,
                     .ids = base.ids},
                    config.server.notify_email),
      housekeeping({.database = *base.database, .clock = base.clock, .log = base.log}),
      provision_order({.database = *base.database,
                       .plugins = plugins,
                       .clock = base.clock,
                       .ids = base.ids,
                       .faults = *base.faults,
                       .log = base.log}),
      reconciler({.database = *base.database,
                  .plugins = plugins,
                  .clock = base.clock,
                  .ids = base.ids,
                  .faults = *base.faults,
                  .log = base.log}),
      orphan_sweep({.database = *base.database,
                    .plugins = plugins,
                    .clock = base.clock,
                    .ids = base.ids,
                    .log = base.log}),
      invoice_delivery(*base.database, notifications, base.clock),
      refund_payout(payments),
      notice_delivery(notifications) {}

core::EventWorker::Handlers Services::event_handlers() {
    return {{core::EventKind::provision_order, &provision_order},
            {core::EventKind::reconcile_instance, &reconciler},
            {core::EventKind::deliver_invoice, &invoice_delivery},
            {core::EventKind::pay_out_refund, &refund_payout},
            {core::EventKind::notify, &notice_delivery}};
}

}  // namespace rb::server
