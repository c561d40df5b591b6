// The secret fields of a configuration: sealed for the database, opened for a call, masked for an
// answer.

#pragma once

#include "base/result.hpp"

#include "plugin/json.hpp"
#include "plugin/secret_box.hpp"

#include <string_view>

namespace rb::plugin {

// How a stored secret is shown.
inline constexpr std::string_view secret_mask = "********";

// Seals every secret field that is in clear.
Json seal_secrets(const Json& schema, Json config, const SecretBox& box,
                  std::string_view interface_id);
// ERRORS: failed_precondition  a sealed field cannot be read with this key (secret_box.hpp)
Result<Json> open_secrets(const Json& schema, Json config, const SecretBox& box,
                          std::string_view interface_id);
// Every secret field that is set becomes the mask.
Json mask_secrets(const Json& schema, Json config);
// Secret fields that are absent or still the mask get their value from `stored` (as it is there,
// sealed or not). A field set to "" is cleared.
Json keep_secrets(const Json& schema, Json config, const Json& stored);

}  // namespace rb::plugin
