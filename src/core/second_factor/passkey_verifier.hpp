// The port to what authenticators send (Web Authentication, Level 2): reads it and checks its
// signatures. What it must say (whose challenge, from which page) is for who asks; see
// passkey_challenge.hpp and relying_party.hpp.

#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace rb::core {

// COSE algorithm identifiers (RFC 9053, RFC 8812): the two that every authenticator has one of.
enum class PasskeyAlgorithm : int { es256 = -7, rs256 = -257 };

struct PasskeyKey {
    PasskeyAlgorithm algorithm = PasskeyAlgorithm::es256;
    // ES256: x and y, 32 bytes each. RS256: the modulus of 2048 bits and the exponent, big-endian,
    // 256 and 3 bytes.
    std::string public_key;
};

// Of clientDataJSON (WebAuthn 5.8.1): what the browser says it was asked.
struct PasskeyClientData {
    // `webauthn.create` or `webauthn.get`.
    std::string type;
    // Bytes.
    std::string challenge;
    // "https://shop.example.com"
    std::string origin;
    // The page stood in a frame of another origin.
    bool is_cross_origin = false;
};

struct PasskeyRegistration {
    // Bytes; 1 to 1023 (WebAuthn 4, Credential ID).
    std::string credential_id;
    PasskeyKey key;
    std::uint32_t sign_count = 0;
};

struct PasskeyAssertionData {
    // As the browser gave them: bytes.
    std::string_view client_data_json;
    std::string_view authenticator_data;
    std::string_view signature;
};

class PasskeyVerifier {
public:
    virtual ~PasskeyVerifier() = default;
    // All thread-safe. Input of any kind and length is refused or read; none of it is trusted.

    // ERRORS: invalid_argument (client_data_json)  not the JSON of WebAuthn 5.8.1
    [[nodiscard]] virtual Result<PasskeyClientData> read_client_data(
        std::string_view client_data_json) const = 0;

    // The new credential in the authenticator data of a registration (WebAuthn 6.1). Attestation is
    // not asked for, and what there is of it not looked at: any authenticator will do.
    // ERRORS: invalid_argument (authenticator_data)  cannot be read; is for another relying party
    //                              (SHA-256 of `relying_party`); the user was not present or not
    //                              verified; holds no credential; neither ES256 on P-256 nor RS256
    //                              of 2048 bits
    [[nodiscard]] virtual Result<PasskeyRegistration> read_registration(
        std::string_view relying_party, std::string_view authenticator_data) const = 0;

    // That `key` signed the assertion (WebAuthn 7.2, steps 15 to 20), for this relying party, with
    // the user present and verified. Returns the authenticator's counter of signatures.
    // ERRORS: unauthenticated  anything else
    [[nodiscard]] virtual Result<std::uint32_t> verify_assertion(
        const PasskeyKey& key, std::string_view relying_party,
        const PasskeyAssertionData& assertion) const = 0;
};

}  // namespace rb::core
