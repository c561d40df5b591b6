#include "plugin/loaded_script.hpp"

#include "core/text.hpp"

#include "plugin/http/address_policy.hpp"

#include <algorithm>

namespace rb::plugin {

namespace {

std::string configured_text(const Json& config, const std::string& reference) {
    const auto found = config.find(reference.substr(config_prefix.size()));
    if (found == config.end() || !found->is_string()) return {};
    return found->get<std::string>();
}

// Each entry of a comma-separated list: a URL's host, or a bare host.
std::vector<std::string> hosts_in(std::string_view text) {
    std::vector<std::string> hosts;
    while (!text.empty()) {
        const auto comma = text.find(',');
        std::string entry(text.substr(0, comma));
        text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
        const auto first = entry.find_first_not_of(' ');
        if (first == std::string::npos) continue;
        entry = entry.substr(first, entry.find_last_not_of(' ') - first + 1);
        const auto url = split_url(entry);
        hosts.push_back(url ? url->host : core::to_lower_ascii(entry));
    }
    return hosts;
}

}  // namespace

HttpPolicy policy_of(const Grants& grants, const Json& config) {
    HttpPolicy policy;
    for (const auto& grant : grants.hosts) {
        bool allows_private = grant.allows_private;
        if (!grant.private_field.empty()) allows_private = config.value(grant.private_field, false);
        if (!grant.host.starts_with(config_prefix)) {
            policy.hosts.push_back({grant.host, allows_private});
            continue;
        }
        for (auto& host : hosts_in(configured_text(config, grant.host))) {
            // What an administrator wrote is a name, never a pattern.
            if (!host.starts_with('*')) policy.hosts.push_back({std::move(host), allows_private});
        }
    }
    for (const auto& path : grants.unix_sockets) {
        const auto file = path.starts_with(config_prefix) ? configured_text(config, path) : path;
        if (!file.empty()) policy.unix_sockets.push_back(file);
    }
    return policy;
}

std::vector<std::string> libvirt_uris_of(const Grants& grants, const Json& config) {
    std::vector<std::string> uris;
    for (const auto& grant : grants.libvirt_uris) {
        auto uri = grant.starts_with(config_prefix) ? configured_text(config, grant) : grant;
        if (!uri.empty()) uris.push_back(std::move(uri));
    }
    return uris;
}

std::string with_answer_function(const std::string& source) {
    return source + "\npub fn " + answer_function +
           "(answer) { match answer { Ok(value) => #{ ok: value }, Err(error) => #{ err: error }, "
           "value => #{ ok: value } } }\n";
}

}  // namespace rb::plugin
