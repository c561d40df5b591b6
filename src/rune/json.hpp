// Values from and to JSON, as the language's json module maps them: object ↔ Object (order kept),
// array ↔ Vec, number ↔ i64, u64 (only above the range of i64) or f64, null → (), and () and None →
// null, Some(x) → x. Structs, variants, Results, functions and other types have no JSON form.

#pragma once

#include "rune/vm.hpp"

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

namespace rb::rune {

// Deeper JSON is refused in both directions.
inline constexpr int json_depth_max = 128;

// Raises `memory` or `nesting`; so call it from a native, or use Vm::call_json.
Value from_json(Vm& vm, const nlohmann::ordered_json& json);

// Nothing when the value has no JSON form; `why` then says what stood in the way.
std::optional<nlohmann::ordered_json> to_json(Vm& vm, Value value, std::string& why);

}  // namespace rb::rune
