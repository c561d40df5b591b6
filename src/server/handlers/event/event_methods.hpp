// rustbill.integration.EventService: work that got stuck.

#pragma once

#include "core/event/event_worker.hpp"

#include "transport/method_registry.hpp"

namespace rb::server {

// `events` must outlive the registry's methods.
void add_event_methods(transport::MethodRegistry& registry, core::EventService& events);

}  // namespace rb::server
