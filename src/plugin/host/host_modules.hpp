// The host modules, as scripts see them (`host::http::request`, …). docs/plugin-guide.md describes
// each function for authors.

#pragma once

#include "rune/embed.hpp"

#include <string_view>
#include <vector>

namespace rb::plugin {

rune::Module crypto_module();
rune::Module encoding_module();
rune::Module grpc_web_module();
rune::Module http_module();
// The module `http` of the language's own runtime, over the same client: for scripts written for
// it.
rune::Module http_client_module();
rune::Module kv_module();
rune::Module libvirt_module();
rune::Module log_module();
rune::Module smtp_module();
rune::Module time_module();

// What a grant of that name installs: `host::<name>`, and with it, for "http", the module `http`.
// REQUIRES: `name` is one of host_module_names
std::vector<rune::Module> host_modules(std::string_view name);

}  // namespace rb::plugin
