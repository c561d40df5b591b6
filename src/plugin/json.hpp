// JSON as this layer passes it between scripts and C++: objects keep the order of their keys, as
// the scripts' objects do.

#pragma once

#include <nlohmann/json.hpp>

namespace rb::plugin {

using Json = nlohmann::ordered_json;

}  // namespace rb::plugin
