// The secret fields of a configuration: sealed for the database, opened for a call, masked for an
// answer, and blanked in what a script says to people.

#pragma once

#include "base/result.hpp"

#include "plugin/json.hpp"
#include "plugin/secret_box.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace rb::plugin {

// How a stored secret is shown.
inline constexpr std::string_view secret_mask = "********";

// Seals every secret field that is in clear.
Json seal_secrets(const Json& schema, Json config, const SecretBox& box,
                  std::string_view interface_id);
// ERRORS: failed_precondition  a sealed field cannot be read with this key (secret_box.hpp), or
//                              stands where the schema knows no secret
Result<Json> open_secrets(const Json& schema, Json config, const SecretBox& box,
                          std::string_view interface_id);
// Every secret field that is set becomes the mask.
Json mask_secrets(const Json& schema, Json config);
// Secret fields that are absent or still the mask get their value from `stored` (as it is there,
// sealed or not). A field set to "" is cleared.
Json keep_secrets(const Json& schema, Json config, const Json& stored);
// Without the fields that `old_schema` calls secret and `schema` does not, unless they have a new
// value: what was typed in as a secret is never shown, whatever the script says later.
Json drop_former_secrets(const Json& schema, Json config, const Json& old_schema);

// The secrets of an opened configuration, longest first, without those too short to be told from
// other text (redacted_secret_bytes_min, limits.hpp).
std::vector<std::string> secret_texts(const Json& schema, const Json& config);
// The text with each of them masked.
std::string without_secrets(std::string text, const std::vector<std::string>& secrets);

}  // namespace rb::plugin
