// Certificates by their fingerprint. Thread-safe.

#pragma once

#include "base/result.hpp"

#include <string>
#include <string_view>

namespace rb::plugin {

// SHA-256 over the DER form of the first certificate of the text, 64 hexadecimal digits.
// ERRORS: invalid_argument  the text holds no certificate in PEM
Result<std::string> certificate_sha256(std::string_view pem);

}  // namespace rb::plugin
