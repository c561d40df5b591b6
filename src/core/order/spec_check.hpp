// What a customer asked for against what the provider's template allows.

#pragma once

#include "base/result.hpp"

#include "core/plugin/provider.hpp"

#include <span>

namespace rb::core {

// The product's specs with the customer's choices over them, defaults filled in, each checked.
// A choice may not change what the product fixes: the price was made for that.
// ERRORS: invalid_argument  unknown key; a required one is missing; not an integer, out of range,
//                           none of the options; changes what the product fixes. The field is
//                           "server_spec.<key>".
Result<StringMap> resolve_spec(std::span<const SpecField> fields, const StringMap& fixed,
                               const StringMap& chosen);

}  // namespace rb::core
