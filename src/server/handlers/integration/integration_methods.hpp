// rustbill.integration: IntegrationService and PluginService.

#pragma once

#include "core/plugin/plugin_directory.hpp"

#include "plugin/plugin_service.hpp"
#include "transport/method_registry.hpp"

namespace rb::server {

// What a customer may buy from and pay with now.
void add_integration_methods(transport::MethodRegistry& registry, core::PluginDirectory& directory);
// What an administrator does with plugins.
void add_plugin_methods(transport::MethodRegistry& registry, plugin::PluginService& plugins);

}  // namespace rb::server
