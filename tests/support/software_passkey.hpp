// A passkey without a device: the authenticator, and the browser before it, as a relying party
// meets them (WebAuthn 6, 5.8.1). Keys and signatures are OpenSSL's; what is sent is written here
// byte by byte, with nothing of what reads it.

#pragma once

#include "core/second_factor/passkey_verifier.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

using EVP_PKEY = struct evp_pkey_st;

namespace rb::test {

// What an honest authenticator and browser do, and how each may do otherwise.
struct PasskeyManners {
    bool is_user_present = true;
    bool is_user_verified = true;
    // Otherwise one more than the last time.
    std::optional<std::uint32_t> sign_count = {};
    // Otherwise that of the registration.
    std::optional<std::string> relying_party = {};
    // Otherwise `webauthn.create` or `webauthn.get`, as it is.
    std::optional<std::string> type = {};
    // Not named at all when empty, as older browsers do.
    std::optional<bool> is_cross_origin = false;
    // A map in CBOR; the flag says it is there.
    std::string extensions = {};
    // One bit of it is another.
    bool spoils_signature = false;
};

// All bytes, as the browser hands them to the page.
struct PasskeyRegistrationMade {
    std::string credential_id;
    std::string client_data_json;
    std::string authenticator_data;
};

struct PasskeyAssertionMade {
    std::string credential_id;
    std::string client_data_json;
    std::string authenticator_data;
    std::string signature;

    [[nodiscard]] core::PasskeyAssertionData data() const {
        return {client_data_json, authenticator_data, signature};
    }
};

class SoftwarePasskey {
public:
    // A new key, and a new id of 32 bytes. RS256 takes a tenth of a second.
    explicit SoftwarePasskey(core::PasskeyAlgorithm algorithm = core::PasskeyAlgorithm::es256);
    ~SoftwarePasskey();
    SoftwarePasskey(SoftwarePasskey&&) noexcept;
    SoftwarePasskey& operator=(SoftwarePasskey&&) = delete;

    // `challenge` is bytes. Remembers the relying party.
    [[nodiscard]] PasskeyRegistrationMade registration(std::string_view relying_party,
                                                       std::string_view origin,
                                                       std::string_view challenge,
                                                       const PasskeyManners& manners = {});
    // REQUIRES: it has been registered, or `manners` name the relying party
    [[nodiscard]] PasskeyAssertionMade assertion(std::string_view origin,
                                                 std::string_view challenge,
                                                 const PasskeyManners& manners = {});

    // What a verifier should read of the registration.
    [[nodiscard]] core::PasskeyKey key() const;
    [[nodiscard]] const std::string& credential_id() const { return credential_id_; }
    // The public key as it is sent (RFC 9053, 7): a map in CBOR.
    [[nodiscard]] std::string cose_key() const;
    // Of anything, by this key.
    [[nodiscard]] std::string sign(std::string_view bytes) const;

private:
    struct KeyFree {
        void operator()(EVP_PKEY* key) const;
    };

    // The beginning that registrations and assertions share.
    std::string head(std::string_view relying_party, unsigned flags, const PasskeyManners& manners);

    core::PasskeyAlgorithm algorithm_;
    std::unique_ptr<EVP_PKEY, KeyFree> key_;
    std::string credential_id_;
    std::string relying_party_;
    std::uint32_t sign_count_ = 0;
};

// As above, for tests that make their own.
std::string sha256_of(std::string_view bytes);
std::string browser_base64url(std::string_view bytes);

}  // namespace rb::test
