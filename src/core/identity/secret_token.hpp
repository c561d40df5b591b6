// Secrets that we hand out once and keep only the hash of: session tokens, refresh tokens, API
// keys. 256 random bits in base64url without padding (RFC 4648, 5): 43 characters.

#pragma once

#include "core/ports/random_source.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace rb::core {

constexpr std::size_t secret_token_chars = 43;

std::string new_secret_token(RandomSource& random);

// Whether `text` has the form; worth asking before anything is hashed or looked up.
bool is_secret_token(std::string_view text);

}  // namespace rb::core
