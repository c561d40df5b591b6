// PluginHost: everything between the scripts and the ports of core.

#pragma once

#include "plugin/http/curl_http_client.hpp"
#include "plugin/libvirt/libvirt_client.hpp"
#include "plugin/plugin_scanner.hpp"
#include "plugin/plugin_service.hpp"
#include "plugin/script_engine.hpp"
#include "plugin/script_plugin_directory.hpp"
#include "store_pg/plugin_interface_store.hpp"
#include "store_pg/plugin_kv_store.hpp"

#include "config/config.hpp"
#include "server/app/foundation.hpp"

namespace rb::server {

// Members stand in the order they need one another.
struct PluginHost {
    // REQUIRES: the foundation's database is open; the foundation outlives the host
    PluginHost(const config::Config& config, Foundation& foundation);

    store_pg::PgPluginDefinitionStore definitions;
    store_pg::PgPluginInterfaceStore interfaces;
    store_pg::PgPluginKvStore kv;
    plugin::CurlHttpClient http;
    plugin::LibvirtClient libvirt;
    plugin::ScriptEngine engine;
    plugin::ScriptPluginDirectory directory;
    plugin::PluginService service;
    plugin::PluginScanner scanner;
};

}  // namespace rb::server
