// AES with a key of 16, 24 or 32 bytes. Errors name the argument; they never say more than "does
// not decrypt" about a ciphertext that is wrong. Thread-safe.

#pragma once

#include "base/result.hpp"

#include <string>
#include <string_view>

namespace rb::plugin {

// Galois/counter mode; the answer is ciphertext | tag[16]. A nonce must never repeat under one key.
// ERRORS: invalid_argument  key or nonce (12 bytes) has the wrong size
Result<std::string> aes_gcm_encrypt(std::string_view key, std::string_view nonce,
                                    std::string_view plain, std::string_view associated_data);
// ERRORS: invalid_argument     key, nonce or ciphertext has the wrong size
//         failed_precondition  it does not decrypt: another key, another place, or altered
Result<std::string> aes_gcm_decrypt(std::string_view key, std::string_view nonce,
                                    std::string_view cipher_and_tag,
                                    std::string_view associated_data);

// Cipher block chaining with PKCS#7 padding, for peers that still speak it. Says nothing about
// authenticity: verify a signature first.
// ERRORS: invalid_argument  key or iv (16 bytes) has the wrong size
Result<std::string> aes_cbc_encrypt(std::string_view key, std::string_view iv,
                                    std::string_view plain);
// ERRORS: as aes_gcm_decrypt
Result<std::string> aes_cbc_decrypt(std::string_view key, std::string_view iv,
                                    std::string_view cipher);

}  // namespace rb::plugin
