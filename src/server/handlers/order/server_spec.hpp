// ServerSpec, the message, and the map of spec keys the domain works with. The six fields of the
// message are the keys of the same names; every other key stands in extra_specs.

#pragma once

#include "base/result.hpp"

#include "core/plugin/plugin_call.hpp"

#include <rustbill/order.pb.h>

namespace rb::server {

// A number that is 0 and a text that is empty count as not given.
// ERRORS: invalid_argument  a key of extra_specs is one of the six and says something else
Result<core::StringMap> spec_of(const rustbill::order::ServerSpec& message);

// A value that does not fit its field (cpu_cores "many") stands in extra_specs.
void fill_server_spec(const core::StringMap& spec, rustbill::order::ServerSpec& message);

}  // namespace rb::server
