#include "core/plugin/plugin_interface.hpp"

#include <array>
#include <utility>

namespace rb::core {

namespace {

constexpr std::array<std::pair<PluginType, std::string_view>, 4> type_names{{
    {PluginType::notifier, "Notifier"},
    {PluginType::gateway, "Gateway"},
    {PluginType::upstream_provider, "UpstreamProvider"},
    {PluginType::first_party_provider, "FirstPartyProvider"},
}};

}  // namespace

std::string_view name_of(PluginType type) {
    for (const auto& [known, name] : type_names) {
        if (known == type) return name;
    }
    return {};
}

Result<PluginType> parse_plugin_type(std::string_view text) {
    for (const auto& [type, name] : type_names) {
        if (name == text) return type;
    }
    return invalid_field("plugin_type",
                         "must be Notifier, Gateway, UpstreamProvider or FirstPartyProvider");
}

}  // namespace rb::core
