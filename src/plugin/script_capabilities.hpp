// The words plugins declare their capabilities with, and the functions each needs.

#pragma once

#include "core/plugin/gateway.hpp"
#include "core/plugin/notifier.hpp"
#include "core/plugin/plugin_interface.hpp"
#include "core/plugin/provider.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rb::plugin {

bool is_capability_of(core::PluginType type, std::string_view word);

std::optional<core::ProviderCapability> provider_capability(std::string_view word);
std::optional<core::GatewayCapability> gateway_capability(std::string_view word);
std::string_view word_of(core::ProviderCapability capability);
std::string_view word_of(core::GatewayCapability capability);
std::string_view word_of(core::InstanceCommand command);
core::ProviderCapability capability_of(core::InstanceCommand command);

// The script functions a plugin of that type with those capabilities must have.
std::vector<std::string> needed_functions(core::PluginType type,
                                          const std::vector<std::string>& capabilities);

}  // namespace rb::plugin
