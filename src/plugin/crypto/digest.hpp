// Hashes and keyed hashes, over raw bytes. What an unknown name asks for is an error, never a
// default. Thread-safe.

#pragma once

#include "base/result.hpp"

#include <string>
#include <string_view>

namespace rb::plugin {

enum class HashAlgorithm { md5, sha1, sha256, sha384, sha512 };

// "md5", "sha1", "sha256", "sha384", "sha512".
// ERRORS: invalid_argument  another name
Result<HashAlgorithm> parse_hash_algorithm(std::string_view name);

// Raw bytes of the hash.
std::string digest(HashAlgorithm algorithm, std::string_view content);
std::string hmac(HashAlgorithm algorithm, std::string_view key, std::string_view content);
// RFC 5869. REQUIRES: 0 < bytes <= 255 * size of the hash
std::string hkdf_sha256(std::string_view secret, std::string_view salt, std::string_view info,
                        std::size_t bytes);

// Takes the same time wherever the difference is; texts of different length are different at once.
bool equal_constant_time(std::string_view left, std::string_view right);

}  // namespace rb::plugin
