// Recovery codes: what lets somebody in whose phone or key is lost. Ten letters and digits in two
// groups ("7KQ4M-2XWPA"), without those that look like others. Only a keyed digest is kept.

#pragma once

#include "core/ids.hpp"
#include "core/ports/digester.hpp"
#include "core/ports/random_source.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace rb::core {

std::string new_recovery_code(RandomSource& random);

// As new_recovery_code writes it, of what a person typed: either case, with or without the dash.
// Nothing when it has not the form.
std::optional<std::string> read_recovery_code(std::string_view typed);

// REQUIRES: `code` as new_recovery_code writes it
Digest hash_recovery_code(const Digester& digester, UserId user, std::string_view code);

}  // namespace rb::core
