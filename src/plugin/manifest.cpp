#include "plugin/manifest.hpp"

#include "plugin/config_schema.hpp"
#include "plugin/host/module_names.hpp"
#include "plugin/libvirt/libvirt_uri.hpp"
#include "plugin/script_capabilities.hpp"

#include <algorithm>

namespace rb::plugin {

namespace {

Result<std::string> text_field(const Json& object, const std::string& name,
                               std::size_t length_max) {
    const auto found = object.find(name);
    if (found == object.end()) return std::string();
    if (!found->is_string()) return invalid_field(name, "must be a text");
    auto text = found->get<std::string>();
    if (text.size() > length_max) return invalid_field(name, "is too long");
    return text;
}

Result<std::vector<std::string>> text_list(const Json& object, const std::string& name,
                                           const std::string& path) {
    std::vector<std::string> out;
    const auto found = object.find(name);
    if (found == object.end()) return out;
    if (!found->is_array()) return invalid_field(path, "must be a list of texts");
    for (const auto& item : *found) {
        if (!item.is_string()) return invalid_field(path, "must be a list of texts");
        out.push_back(item.get<std::string>());
    }
    return out;
}

// "config:FIELD" must name a field of the schema.
Result<> check_config_reference(const std::string& text, const Json& schema, std::string_view type,
                                const std::string& path) {
    if (!text.starts_with(config_prefix)) return {};
    const auto name = text.substr(config_prefix.size());
    const auto* field = schema_field(schema, name);
    if (field == nullptr) return invalid_field(path, text + " is no field of config_schema");
    if ((*field)["type"] != type) {
        return invalid_field(path, text + " must be of type " + std::string(type));
    }
    return {};
}

bool is_host_pattern(std::string_view host) {
    if (host.starts_with(config_prefix)) return true;
    if (host.starts_with("*.")) host.remove_prefix(2);
    return !host.empty() &&
           host.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789.-:") == std::string::npos;
}

Result<HostGrant> read_host(const Json& item, const Json& schema) {
    const std::string path = "grants.hosts";
    HostGrant grant;
    if (item.is_string()) {
        grant.host = item.get<std::string>();
    } else if (item.is_object() && item.contains("host") && item["host"].is_string()) {
        grant.host = item["host"].get<std::string>();
        if (item.contains("private")) {
            const auto& allowed = item["private"];
            if (allowed.is_boolean()) {
                grant.allows_private = allowed.get<bool>();
            } else if (allowed.is_string() &&
                       allowed.get<std::string>().starts_with(config_prefix)) {
                TRY(check_config_reference(allowed.get<std::string>(), schema, "boolean", path));
                grant.private_field = allowed.get<std::string>().substr(config_prefix.size());
            } else {
                return invalid_field(path, "private must be a boolean or \"config:FIELD\"");
            }
        }
    } else {
        return invalid_field(path, "must be a list of texts or of #{ host, private }");
    }
    if (!is_host_pattern(grant.host)) {
        return invalid_field(path, grant.host +
                                       " is no lower-case host, \"*.domain\" or "
                                       "\"config:FIELD\"");
    }
    TRY(check_config_reference(grant.host, schema, "string", path));
    return grant;
}

Result<Grants> read_grants(const Json& answer, const Json& schema) {
    Grants grants;
    const Json object = answer.value("grants", Json::object());
    if (!object.is_object()) return invalid_field("grants", "must be an object");
    for (const auto& [key, value] : object.items()) {
        if (key != "modules" && key != "hosts" && key != "unix_sockets" && key != "libvirt_uris") {
            return invalid_field("grants", key + " is not known");
        }
    }
    grants.modules = TRY(text_list(object, "modules", "grants.modules"));
    std::ranges::sort(grants.modules);
    for (const auto& name : grants.modules) {
        if (std::ranges::find(host_module_names, name) == host_module_names.end()) {
            return invalid_field("grants.modules", name + " is no host module");
        }
    }
    const Json hosts = object.value("hosts", Json::array());
    if (!hosts.is_array()) return invalid_field("grants.hosts", "must be a list");
    for (const auto& item : hosts) grants.hosts.push_back(TRY(read_host(item, schema)));
    grants.unix_sockets = TRY(text_list(object, "unix_sockets", "grants.unix_sockets"));
    for (const auto& path : grants.unix_sockets) {
        if (!path.starts_with('/') && !path.starts_with(config_prefix)) {
            return invalid_field("grants.unix_sockets", "must be absolute or \"config:FIELD\"");
        }
        TRY(check_config_reference(path, schema, "string", "grants.unix_sockets"));
    }
    grants.libvirt_uris = TRY(text_list(object, "libvirt_uris", "grants.libvirt_uris"));
    for (const auto& uri : grants.libvirt_uris) {
        TRY(check_config_reference(uri, schema, "string", "grants.libvirt_uris"));
        if (uri.starts_with(config_prefix)) continue;
        if (const auto checked = check_libvirt_uri(uri); checked.has_error()) {
            return invalid_field("grants.libvirt_uris", uri + " " + checked.error().message);
        }
    }
    return grants;
}

bool holds_nul(const Json& value) {
    if (value.is_string())
        return value.get_ref<const std::string&>().find('\0') != std::string::npos;
    for (const auto& [name, item] : value.items()) {
        if (name.find('\0') != std::string::npos) return true;
        if (item.is_string() || item.is_structured()) {
            if (holds_nul(item)) return true;
        }
    }
    return false;
}

Result<> check_known(const Json& answer) {
    constexpr std::array<std::string_view, 9> known{"id",      "type",        "name",
                                                    "version", "description", "capabilities",
                                                    "grants",  "sandbox",     "config_schema"};
    for (const auto& [key, value] : answer.items()) {
        if (std::ranges::find(known, key) == known.end()) return invalid_field(key, "is not known");
    }
    return {};
}

}  // namespace

bool is_plugin_id(std::string_view id) {
    const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
    return !id.empty() && id.size() <= 63 && is_letter(id.front()) &&
           std::ranges::all_of(id, [&](char c) { return is_letter(c) || c == '_' || c == '-'; });
}

std::vector<std::string> Grants::describe() const {
    std::vector<std::string> lines;
    for (const auto& name : modules) lines.push_back("module " + name);
    for (const auto& host : hosts) {
        std::string line = "host " + host.host;
        if (host.allows_private) line += " (private addresses allowed)";
        if (!host.private_field.empty()) {
            line += " (private addresses as config:" + host.private_field + " says)";
        }
        lines.push_back(line);
    }
    for (const auto& path : unix_sockets) lines.push_back("unix socket " + path);
    for (const auto& uri : libvirt_uris) lines.push_back("libvirt " + uri);
    return lines;
}

Result<Manifest> read_manifest(const Json& answer) {
    if (!answer.is_object()) return invalid_field("manifest", "must answer an object");
    TRY(check_known(answer));
    // It is stored whole, and no text of PostgreSQL can hold one.
    if (holds_nul(answer)) return invalid_field("manifest", "must not hold a NUL character");
    Manifest manifest;
    manifest.source = answer;
    manifest.id = TRY(text_field(answer, "id", 63));
    if (!is_plugin_id(manifest.id)) {
        return invalid_field("id", "must be lower-case letters, digits, '-' and '_', at most 63");
    }
    const auto type = TRY(text_field(answer, "type", 63));
    const auto parsed = core::parse_enum<core::PluginType>(type, "type");
    if (parsed.has_error()) return invalid_field("type", parsed.error().message);
    manifest.type = *parsed;
    manifest.name = TRY(text_field(answer, "name", 200));
    if (manifest.name.empty()) return invalid_field("name", "is required");
    manifest.description = TRY(text_field(answer, "description", 2000));
    manifest.version = TRY(text_field(answer, "version", 63));
    if (answer.contains("sandbox") && !answer["sandbox"].is_boolean()) {
        return invalid_field("sandbox", "must be a boolean");
    }
    manifest.is_sandbox = answer.value("sandbox", false);
    manifest.capabilities = TRY(text_list(answer, "capabilities", "capabilities"));
    for (const auto& word : manifest.capabilities) {
        if (!is_capability_of(manifest.type, word)) {
            return invalid_field("capabilities", word + " is no capability of a " + type);
        }
    }
    Json none = Json::object();
    none["type"] = "object";
    manifest.config_schema = answer.contains("config_schema") ? answer["config_schema"] : none;
    TRY(check_schema(manifest.config_schema));
    manifest.grants = TRY(read_grants(answer, manifest.config_schema));
    return manifest;
}

}  // namespace rb::plugin
