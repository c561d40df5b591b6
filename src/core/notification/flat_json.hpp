// A flat JSON object of strings, as event payloads keep it: {"template": "order.active", …}.
// RFC 8259; whatever else JSON has (numbers, arrays, nesting) is refused, for we never write it.

#pragma once

#include "base/result.hpp"

#include "core/plugin/plugin_call.hpp"

#include <string>
#include <string_view>

namespace rb::core {

// REQUIRES: keys and values are UTF-8
std::string to_flat_json(const StringMap& map);
// ERRORS: invalid_argument  not a flat object of strings
Result<StringMap> parse_flat_json(std::string_view text);

}  // namespace rb::core
