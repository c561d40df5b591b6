// The host modules, as scripts see them (`host::http::request`, …). docs/plugin-guide.md describes
// each function for authors.

#pragma once

#include "rune/embed.hpp"

#include <string_view>

namespace rb::plugin {

rune::Module crypto_module();
rune::Module encoding_module();
rune::Module grpc_web_module();
rune::Module http_module();
rune::Module kv_module();
rune::Module libvirt_module();
rune::Module log_module();
rune::Module smtp_module();
rune::Module time_module();

// REQUIRES: `name` is one of host_module_names
rune::Module host_module(std::string_view name);

}  // namespace rb::plugin
