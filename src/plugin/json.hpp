// JSON as this layer passes it between scripts and C++: objects keep the order of their keys, as
// the scripts' objects do.

#pragma once

#include "base/result.hpp"

#include <nlohmann/json.hpp>
#include <utility>

namespace rb::plugin {

using Json = nlohmann::ordered_json;

// A Result made of a Json value: its implicit conversions to everything keep Result's own
// constructors from being chosen.
inline Result<Json> as_result(Json json) {
    return Result<Json>(boost::system::in_place_value, std::move(json));
}

}  // namespace rb::plugin
