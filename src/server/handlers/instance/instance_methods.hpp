// rustbill.instance.InstanceService.

#pragma once

#include "core/instance/instance_service.hpp"

#include "transport/method_registry.hpp"

namespace rb::server {

// `instances` must outlive the registry's methods.
void add_instance_methods(transport::MethodRegistry& registry, core::InstanceService& instances);

}  // namespace rb::server
