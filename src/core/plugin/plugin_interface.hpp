// What is stored of plugins: a definition is a script as it was found in plugins_dir, an interface
// is one configured use of it (its id is what products call provider_id and payments gateway_id).
//
// manifest, config and config_schema are JSON texts, each an object. Secrets inside `config` are
// sealed (plugin/secret_box.hpp) before they reach these records.

#pragma once

#include "base/result.hpp"

#include "core/named_enum.hpp"
#include "core/ports/clock.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace rb::core {

// Spelled on the wire and in the database as here, in PascalCase ("FirstPartyProvider").
enum class PluginType { notifier, gateway, upstream_provider, first_party_provider };

template <>
struct EnumNames<PluginType> {
    static constexpr std::array<std::string_view, 4> names{
        "Notifier", "Gateway", "UpstreamProvider", "FirstPartyProvider"};
};

struct PluginDefinition {
    std::string plugin_id = {};
    PluginType type = PluginType::notifier;
    std::string name = {};
    std::string description = {};
    std::string version = {};
    std::string manifest = "{}";
    std::string config_schema = "{}";
    std::string script_source = {};
    // SHA-256, 32 raw bytes.
    std::string source_hash = {};
    std::optional<Timestamp> file_mtime = {};
    // Why the file of this name does not load; empty when it does.
    std::string load_error = {};
    Timestamp updated_at{};
};

struct PluginInterface {
    std::string id = {};
    std::string plugin_id = {};
    PluginType type = PluginType::notifier;
    std::string name = {};
    bool enabled = false;
    std::string config = "{}";
    std::string config_schema = "{}";
    std::string script_source = {};
    // Raised by every change of source, configuration or schema.
    std::int64_t revision = 1;
    bool is_healthy = false;
    std::string health_message = {};
    std::optional<Timestamp> health_checked_at = {};
    Timestamp created_at{};
    Timestamp updated_at{};
};

// Which version of an interface the database holds: changes with every edit that matters to a
// running script, also one made by hand in SQL.
struct InterfaceVersion {
    std::string id = {};
    PluginType type = PluginType::notifier;
    bool enabled = false;
    std::string fingerprint = {};
};

}  // namespace rb::core
