// jsonb columns in and out: maps of strings, and what providers tell of an instance.
//
// Reading what the schema promises to be an object or an array of a known shape: anything else
// means that code and schema disagree, which is a bug and ends the process.

#pragma once

#include "core/plugin/provider.hpp"

#include <string>
#include <string_view>

namespace rb::store_pg {

std::string to_json(const core::StringMap& map);
// Values that are not strings (an operator's own SQL) are given in their JSON form.
core::StringMap string_map_of(std::string_view json);

// {"sections": […], "actions": […]} as one array column: [sections, actions].
std::string to_json(const core::InstanceDescription& description);
core::InstanceDescription description_of(std::string_view json);

}  // namespace rb::store_pg
