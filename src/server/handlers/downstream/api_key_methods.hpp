// rustbill.downstream.ApiKeyService.

#pragma once

#include "core/api_key/api_key_service.hpp"

#include "transport/method_registry.hpp"

namespace rb::server {

// `keys` must outlive the registry's methods.
void add_api_key_methods(transport::MethodRegistry& registry, core::ApiKeyService& keys);

}  // namespace rb::server
