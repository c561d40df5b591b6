// What a plugin says of itself: the answer of its `pub fn manifest()`, read strictly.
//
//   pub fn manifest() {
//       #{
//           id: "gateway-example", type: "Gateway", name: "Example", version: "1.0.0",
//           description: "…",
//           capabilities: ["create_payment", "callback", "query", "refund", "health"],
//           grants: #{
//               modules: ["http", "crypto", "encoding"],
//               hosts: ["api.example.com", "*.example.net",
//                       #{ host: "config:endpoint", private: "config:allow_private" }],
//               unix_sockets: ["config:socket"],
//               libvirt_uris: ["config:uri"],
//           },
//           sandbox: false,
//           config_schema: #{ "type": "object", properties: #{ … }, required: ["endpoint"] },
//       }
//   }
//
// Grants are all a plugin gets. A module it does not name does not exist for it; a host it does not
// name is refused by the http module. "config:FIELD" stands for the host of the URL (or the bare
// host, or each entry of a comma-separated list) an administrator wrote into that configuration
// field. Private, loopback and link-local addresses are refused unless `private` is true or names a
// boolean configuration field that is.

#pragma once

#include "base/result.hpp"

#include "core/plugin/plugin_interface.hpp"

#include "plugin/json.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace rb::plugin {

struct HostGrant {
    // A host name, "*.domain" or "config:FIELD".
    std::string host;
    bool allows_private = false;
    // The boolean configuration field that allows private addresses; empty when none does.
    std::string private_field;

    bool operator==(const HostGrant&) const = default;
};

struct Grants {
    // Of host_module_names (host_modules.hpp), sorted.
    std::vector<std::string> modules;
    std::vector<HostGrant> hosts;
    // Paths or "config:FIELD".
    std::vector<std::string> unix_sockets;
    // URIs of hypervisors (libvirt/libvirt_uri.hpp) or "config:FIELD".
    std::vector<std::string> libvirt_uris;

    // For people: "module http", "host api.example.com (private addresses allowed)".
    [[nodiscard]] std::vector<std::string> describe() const;
};

struct Manifest {
    std::string id;
    core::PluginType type = core::PluginType::notifier;
    std::string name;
    std::string description;
    std::string version;
    std::vector<std::string> capabilities;
    Grants grants;
    bool is_sandbox = false;
    Json config_schema = Json::object();
    // The whole answer, as stored in plugins.manifest.
    Json source = Json::object();
};

// What a grant begins with that takes its value from a field of the configuration.
inline constexpr std::string_view config_prefix = "config:";

// What plugins and interfaces are called: lower-case letters, digits, '-' and '_', at most 63,
// beginning with a letter or digit.
bool is_plugin_id(std::string_view id);

// ERRORS: invalid_argument  names the field of the manifest and the rule: unknown type, capability
//                           of another kind of plugin, module that does not exist, malformed host,
//                           configuration field that the schema does not have, malformed schema
Result<Manifest> read_manifest(const Json& answer);

}  // namespace rb::plugin
