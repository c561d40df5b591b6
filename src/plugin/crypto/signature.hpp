// RSA signatures with PEM keys (PKCS#1 or PKCS#8 private, SubjectPublicKeyInfo or certificate
// public). Thread-safe.

#pragma once

#include "base/result.hpp"

#include "plugin/crypto/digest.hpp"

#include <string>
#include <string_view>

namespace rb::plugin {

// PKCS#1 v1.5, and PSS with a salt as long as the hash.
enum class RsaPadding { pkcs1, pss };

// "pkcs1", "pss".
// ERRORS: invalid_argument  another name
Result<RsaPadding> parse_rsa_padding(std::string_view name);

// Raw bytes of the signature.
// ERRORS: invalid_argument  field "private_key": not an RSA key in PEM without a passphrase, or
//                           shorter than 1024 bits
Result<std::string> rsa_sign(std::string_view private_key_pem, RsaPadding padding,
                             HashAlgorithm algorithm, std::string_view content);
// Whether the signature is right. A malformed signature is wrong, not an error.
// ERRORS: invalid_argument  field "public_key", as above
Result<bool> rsa_verify(std::string_view public_key_pem, RsaPadding padding,
                        HashAlgorithm algorithm, std::string_view content,
                        std::string_view signature);

}  // namespace rb::plugin
