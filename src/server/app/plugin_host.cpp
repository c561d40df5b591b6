#include "server/app/plugin_host.hpp"

namespace rb::server {

namespace {

const std::string& secret_of(const config::Config& config) {
    return config.plugins.secret_key.empty() ? config.jwt.secret : config.plugins.secret_key;
}

}  // namespace

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
      secrets(secret_of(config), foundation.random),
      directory(engine, interfaces, secrets, foundation.clock, foundation.log),
      service(definitions, interfaces, engine, directory, secrets, foundation.ids),
      scanner(config.plugins.plugins_dir, engine, definitions, foundation.log) {}

}  // namespace rb::server
