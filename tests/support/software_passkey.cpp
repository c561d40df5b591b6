#include "support/software_passkey.hpp"

#include "base/assert.hpp"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <array>

namespace rb::test {

namespace {

using core::PasskeyAlgorithm;

constexpr std::size_t credential_id_bytes = 32;
constexpr std::size_t model_bytes = 16;

const unsigned char* octets_of(std::string_view bytes) {
    return reinterpret_cast<const unsigned char*>(bytes.data());
}

std::string big_endian(std::uint32_t number, int bytes) {
    std::string text;
    for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
        text += static_cast<char>((number >> shift) & 255u);
    }
    return text;
}

// A string of bytes in CBOR (RFC 8949, 3.1).
std::string cbor_bytes(std::string_view bytes) {
    const auto size = static_cast<std::uint32_t>(bytes.size());
    ASSERT(size >= 24 || size == 3);
    if (size < 24) return big_endian(0x40 + size, 1) + std::string(bytes);
    if (size < 256) return "\x58" + big_endian(size, 1) + std::string(bytes);
    return "\x59" + big_endian(size, 2) + std::string(bytes);
}

// A number of the key, at its full length.
std::string number_of(const EVP_PKEY& key, const char* name, int bytes) {
    BIGNUM* number = nullptr;
    const int found = EVP_PKEY_get_bn_param(&key, name, &number);
    ASSERT(found == 1);
    std::string text(static_cast<std::size_t>(bytes), '\0');
    const int written = BN_bn2binpad(number, reinterpret_cast<unsigned char*>(text.data()), bytes);
    BN_free(number);
    ASSERT(written == bytes);
    return text;
}

// CCDToString of WebAuthn 5.8.1.1, for origins in which nothing needs a backslash.
std::string client_data(std::string_view usual_type, std::string_view origin,
                        std::string_view challenge, const PasskeyManners& manners) {
    std::string text = R"({"type":")" + manners.type.value_or(std::string(usual_type)) +
                       R"(","challenge":")" + browser_base64url(challenge) + R"(","origin":")" +
                       std::string(origin) + '"';
    if (manners.is_cross_origin) {
        text += *manners.is_cross_origin ? R"(,"crossOrigin":true)" : R"(,"crossOrigin":false)";
    }
    return text + '}';
}

}  // namespace

std::string sha256_of(std::string_view bytes) {
    std::string digest(32, '\0');
    const int done =
        EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(digest.data()),
                   nullptr, EVP_sha256(), nullptr);
    ASSERT(done == 1);
    return digest;
}

std::string browser_base64url(std::string_view bytes) {
    std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');
    const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                     octets_of(bytes), static_cast<int>(bytes.size()));
    text.resize(static_cast<std::size_t>(size));
    text.erase(std::find(text.begin(), text.end(), '='), text.end());
    std::replace(text.begin(), text.end(), '+', '-');
    std::replace(text.begin(), text.end(), '/', '_');
    return text;
}

void SoftwarePasskey::KeyFree::operator()(EVP_PKEY* key) const {
    EVP_PKEY_free(key);
}

SoftwarePasskey::SoftwarePasskey(PasskeyAlgorithm algorithm)
    : algorithm_(algorithm),
      key_(algorithm == PasskeyAlgorithm::es256 ? EVP_EC_gen("P-256") : EVP_RSA_gen(2048)),
      credential_id_(credential_id_bytes, '\0') {
    ASSERT(key_ != nullptr);
    const int done = RAND_bytes(reinterpret_cast<unsigned char*>(credential_id_.data()),
                                static_cast<int>(credential_id_.size()));
    ASSERT(done == 1);
}

SoftwarePasskey::~SoftwarePasskey() = default;
SoftwarePasskey::SoftwarePasskey(SoftwarePasskey&&) noexcept = default;

core::PasskeyKey SoftwarePasskey::key() const {
    if (algorithm_ == PasskeyAlgorithm::es256) {
        return {algorithm_, number_of(*key_, OSSL_PKEY_PARAM_EC_PUB_X, 32) +
                                number_of(*key_, OSSL_PKEY_PARAM_EC_PUB_Y, 32)};
    }
    return {algorithm_, number_of(*key_, OSSL_PKEY_PARAM_RSA_N, 256) +
                            number_of(*key_, OSSL_PKEY_PARAM_RSA_E, 3)};
}

std::string SoftwarePasskey::cose_key() const {
    const auto numbers = key().public_key;
    if (algorithm_ == PasskeyAlgorithm::es256) {
        // {1: 2 (EC2), 3: -7, -1: 1 (P-256), -2: x, -3: y}
        return std::string("\xA5\x01\x02\x03\x26\x20\x01\x21") +
               cbor_bytes(std::string_view(numbers).substr(0, 32)) + "\x22" +
               cbor_bytes(std::string_view(numbers).substr(32));
    }
    // {1: 3 (RSA), 3: -257, -1: n, -2: e}
    return std::string("\xA4\x01\x03\x03\x39\x01\x00\x20", 8) +
           cbor_bytes(std::string_view(numbers).substr(0, numbers.size() - 3)) + "\x21" +
           cbor_bytes(std::string_view(numbers).substr(numbers.size() - 3));
}

std::string SoftwarePasskey::sign(std::string_view bytes) const {
    const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context(EVP_MD_CTX_new(),
                                                                     EVP_MD_CTX_free);
    std::size_t size = static_cast<std::size_t>(EVP_PKEY_get_size(key_.get()));
    std::string signature(size, '\0');
    const bool done =
        EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()) == 1 &&
        EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                       octets_of(bytes), bytes.size()) == 1;
    ASSERT(done);
    signature.resize(size);
    return signature;
}

std::string SoftwarePasskey::head(std::string_view relying_party, unsigned flags,
                                  const PasskeyManners& manners) {
    sign_count_ = manners.sign_count.value_or(sign_count_ + 1);
    flags |= (manners.is_user_present ? 1u : 0u) | (manners.is_user_verified ? 4u : 0u) |
             (manners.extensions.empty() ? 0u : 128u);
    return sha256_of(manners.relying_party.value_or(std::string(relying_party))) +
           big_endian(flags, 1) + big_endian(sign_count_, 4);
}

PasskeyRegistrationMade SoftwarePasskey::registration(std::string_view relying_party,
                                                      std::string_view origin,
                                                      std::string_view challenge,
                                                      const PasskeyManners& manners) {
    relying_party_ = relying_party;
    const auto id_size = big_endian(static_cast<std::uint32_t>(credential_id_.size()), 2);
    return {.credential_id = credential_id_,
            .client_data_json = client_data("webauthn.create", origin, challenge, manners),
            .authenticator_data = head(relying_party, 64, manners) +
                                  std::string(model_bytes, '\0') + id_size + credential_id_ +
                                  cose_key() + manners.extensions};
}

PasskeyAssertionMade SoftwarePasskey::assertion(std::string_view origin, std::string_view challenge,
                                                const PasskeyManners& manners) {
    PasskeyAssertionMade made{
        .credential_id = credential_id_,
        .client_data_json = client_data("webauthn.get", origin, challenge, manners),
        .authenticator_data = head(relying_party_, 0, manners) + manners.extensions,
        .signature = {}};
    made.signature = sign(made.authenticator_data + sha256_of(made.client_data_json));
    if (manners.spoils_signature)
        made.signature.back() = static_cast<char>(made.signature.back() ^ 1);
    return made;
}

}  // namespace rb::test
