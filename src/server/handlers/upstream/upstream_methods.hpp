// rustbill.upstream: UpstreamService.

#pragma once

#include "core/catalogue/upstream_service.hpp"

#include "transport/method_registry.hpp"

namespace rb::server {

// The service must outlive the registry's methods.
void add_upstream_methods(transport::MethodRegistry& registry, core::UpstreamService& upstreams);

}  // namespace rb::server
