// grpc.reflection v1 and v1alpha: lists the services of a registry and the files that declare them.

#pragma once

#include "transport/method_registry.hpp"

namespace rb::transport {

// Adds ServerReflectionInfo in both versions. Describes what is in the registry at this moment and
// itself, so it is the last to be added.
void add_reflection(MethodRegistry& registry);

}  // namespace rb::transport
