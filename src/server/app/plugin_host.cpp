#include "server/app/plugin_host.hpp"

namespace rb::server {

PluginHost::PluginHost(const config::Config& config, Foundation& foundation)
    : definitions(*foundation.pool),
      interfaces(*foundation.pool),
      kv(*foundation.pool),
      http(foundation.log),
      libvirt(foundation.log),
      engine({.log = foundation.log,
              .clock = foundation.clock,
              .random = foundation.random,
              .kv = kv,
              .http = http,
              .libvirt = libvirt}),
      directory(engine, interfaces, foundation.secrets, foundation.clock, foundation.log),
      service(definitions, interfaces, engine, directory, foundation.secrets, foundation.ids),
      scanner(config.plugins.plugins_dir, engine, definitions, foundation.log) {}

}  // namespace rb::server
