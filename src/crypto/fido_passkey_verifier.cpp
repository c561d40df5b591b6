// Authenticator data (WebAuthn 6.1, 6.5.1), numbers big-endian:
//
//   32  SHA-256 of the relying party
//    1  flags: 1 user present, 4 user verified, 64 a credential follows, 128 extensions follow
//    4  counter of signatures
//   16  the authenticator's model          \ .
//    2  length of the id                    | only with flag 64
//    …  id                                  |
//    …  public key: a map in CBOR (COSE)   /
//    …  a map in CBOR                         only with flag 128

#include "crypto/fido_passkey_verifier.hpp"

#include "crypto/base64url.hpp"
#include "crypto/ctap_cbor.hpp"

#include <fido.h>
#include <fido/es256.h>
#include <fido/rs256.h>
#include <openssl/err.h>
#include <openssl/sha.h>

#include <array>
#include <memory>
#include <new>
#include <nlohmann/json.hpp>
#include <optional>

namespace rb::crypto {

namespace {

using core::PasskeyAlgorithm;

constexpr std::size_t relying_party_hash_bytes = SHA256_DIGEST_LENGTH;
constexpr std::size_t flags_offset = relying_party_hash_bytes;
constexpr std::size_t authenticator_head_bytes = relying_party_hash_bytes + 1 + 4;
constexpr std::size_t authenticator_model_bytes = 16;
constexpr std::size_t credential_id_bytes_max = 1023;

constexpr unsigned user_present_flag = 1;
constexpr unsigned user_verified_flag = 4;
constexpr unsigned credential_flag = 64;
constexpr unsigned extensions_flag = 128;

// What browsers write is flat, but for tokenBinding.
constexpr int client_data_depth_max = 8;

constexpr std::size_t es256_key_bytes = 64;
constexpr std::size_t rs256_modulus_bytes = 256;
constexpr std::size_t rs256_key_bytes = rs256_modulus_bytes + 3;

unsigned byte_at(std::string_view bytes, std::size_t index) {
    return static_cast<unsigned char>(bytes[index]);
}

const unsigned char* bytes_of(std::string_view bytes) {
    return reinterpret_cast<const unsigned char*>(bytes.data());
}

// For as long as libfido2 is used: it must be told of each thread, and what OpenSSL refuses within
// it stays in the thread's queue of errors, where the next TLS connection would find it.
class FidoUse {
public:
    FidoUse() {
        thread_local const bool told = (fido_init(0), true);
        static_cast<void>(told);
    }
    FidoUse(const FidoUse&) = delete;
    FidoUse& operator=(const FidoUse&) = delete;
    ~FidoUse() { ERR_clear_error(); }
};

struct FidoFree {
    void operator()(fido_cred_t* one) const { fido_cred_free(&one); }
    void operator()(fido_assert_t* one) const { fido_assert_free(&one); }
    void operator()(es256_pk_t* one) const { es256_pk_free(&one); }
    void operator()(rs256_pk_t* one) const { rs256_pk_free(&one); }
};

// Of what a libfido2 constructor made; it gives nothing when there is no memory.
template <typename T>
std::unique_ptr<T, FidoFree> owned(T* made) {
    if (made == nullptr) throw std::bad_alloc();
    return std::unique_ptr<T, FidoFree>(made);
}

bool has_flag(std::string_view authenticator_data, unsigned flag) {
    return (byte_at(authenticator_data, flags_offset) & flag) != 0;
}

// What keeps the data, whoever made it, from being that of a user who is here, for this relying
// party; nothing when nothing does.
std::optional<std::string> fault_of(std::string_view relying_party,
                                    std::string_view authenticator_data) {
    if (authenticator_data.size() < authenticator_head_bytes) return "is too short";
    std::array<unsigned char, relying_party_hash_bytes> hash{};
    SHA256(bytes_of(relying_party), relying_party.size(), hash.data());
    const std::string_view expected(reinterpret_cast<const char*>(hash.data()), hash.size());
    if (!authenticator_data.starts_with(expected)) return "is for another site";
    if (!has_flag(authenticator_data, user_present_flag)) return "the user was not present";
    if (!has_flag(authenticator_data, user_verified_flag)) return "the user was not verified";
    return std::nullopt;
}

// Whether `bytes` are one map of CBOR, as the decoder behind libfido2 may be given it, and no more.
bool is_last_map(std::string_view bytes) {
    return !bytes.empty() && byte_at(bytes, 0) >> 5 == 5 && ctap_cbor_size(bytes) == bytes.size();
}

// Whether what follows the head is a credential, extensions where they are announced, and no more.
bool holds_credential(std::string_view authenticator_data) {
    if (!has_flag(authenticator_data, credential_flag)) return false;
    auto rest = authenticator_data.substr(authenticator_head_bytes);
    if (rest.size() < authenticator_model_bytes + 2) return false;
    rest.remove_prefix(authenticator_model_bytes);
    const std::size_t id_bytes = byte_at(rest, 0) << 8 | byte_at(rest, 1);
    rest.remove_prefix(2);
    if (id_bytes == 0 || id_bytes > credential_id_bytes_max || id_bytes > rest.size()) return false;
    rest.remove_prefix(id_bytes);
    const auto key_bytes = ctap_cbor_size(rest);
    if (!key_bytes) return false;
    rest.remove_prefix(*key_bytes);
    return has_flag(authenticator_data, extensions_flag) ? is_last_map(rest) : rest.empty();
}

// RFC 8017, 3.1: both numbers are odd, and the exponent is more than 1, with which everybody signs.
bool is_sound_rsa(std::string_view key) {
    const auto exponent = byte_at(key, rs256_modulus_bytes) << 16 |
                          byte_at(key, rs256_modulus_bytes + 1) << 8 |
                          byte_at(key, rs256_modulus_bytes + 2);
    return byte_at(key, rs256_modulus_bytes - 1) % 2 == 1 && exponent % 2 == 1 && exponent > 1;
}

// The key as libfido2 takes it: a point of the curve, or a modulus of 2048 bits. Nothing when it is
// not one.
std::unique_ptr<es256_pk_t, FidoFree> es256_of(std::string_view key) {
    if (key.size() != es256_key_bytes) return nullptr;
    auto made = owned(es256_pk_new());
    return es256_pk_from_ptr(made.get(), key.data(), key.size()) == FIDO_OK ? std::move(made)
                                                                            : nullptr;
}

std::unique_ptr<rs256_pk_t, FidoFree> rs256_of(std::string_view key) {
    if (key.size() != rs256_key_bytes || !is_sound_rsa(key)) return nullptr;
    auto made = owned(rs256_pk_new());
    return rs256_pk_from_ptr(made.get(), key.data(), key.size()) == FIDO_OK ? std::move(made)
                                                                            : nullptr;
}

bool is_usable(const core::PasskeyKey& key) {
    switch (key.algorithm) {
        case PasskeyAlgorithm::es256:
            return es256_of(key.public_key) != nullptr;
        case PasskeyAlgorithm::rs256:
            return rs256_of(key.public_key) != nullptr;
    }
    return false;
}

bool is_signed_by(const core::PasskeyKey& key, const fido_assert_t& assertion) {
    switch (key.algorithm) {
        case PasskeyAlgorithm::es256: {
            const auto pk = es256_of(key.public_key);
            return pk && fido_assert_verify(&assertion, 0, COSE_ES256, pk.get()) == FIDO_OK;
        }
        case PasskeyAlgorithm::rs256: {
            const auto pk = rs256_of(key.public_key);
            return pk && fido_assert_verify(&assertion, 0, COSE_RS256, pk.get()) == FIDO_OK;
        }
    }
    return false;
}

// The credential in data that holds one; nothing when its key is not of this algorithm.
// REQUIRES: holds_credential(authenticator_data)
std::optional<core::PasskeyRegistration> find_credential(std::string_view authenticator_data,
                                                         PasskeyAlgorithm algorithm) {
    const auto credential = owned(fido_cred_new());
    if (fido_cred_set_type(credential.get(), static_cast<int>(algorithm)) != FIDO_OK ||
        fido_cred_set_authdata_raw(credential.get(), bytes_of(authenticator_data),
                                   authenticator_data.size()) != FIDO_OK) {
        return std::nullopt;
    }
    core::PasskeyRegistration registration{
        .credential_id =
            std::string(reinterpret_cast<const char*>(fido_cred_id_ptr(credential.get())),
                        fido_cred_id_len(credential.get())),
        .key = {.algorithm = algorithm,
                .public_key = std::string(
                    reinterpret_cast<const char*>(fido_cred_pubkey_ptr(credential.get())),
                    fido_cred_pubkey_len(credential.get()))},
        .sign_count = fido_cred_sigcount(credential.get())};
    if (!is_usable(registration.key)) return std::nullopt;
    return registration;
}

Error unreadable(std::string why) {
    return invalid_field("authenticator_data", std::move(why));
}

Error not_client_data() {
    return invalid_field("client_data_json", "must be the JSON that the browser made");
}

Error not_signed(std::string detail) {
    return Error{.code = ErrorCode::unauthenticated, .message = "this passkey cannot sign in"}
        .with_detail("passkey: " + std::move(detail));
}

using nlohmann::json;

// The member, when it is a string.
const std::string* find_string(const json& object, const char* name) {
    const auto found = object.find(name);
    return found == object.end() ? nullptr : found->get_ptr<const std::string*>();
}

}  // namespace

Result<core::PasskeyClientData> FidoPasskeyVerifier::read_client_data(
    std::string_view client_data_json) const {
    // The parser would take it for the end.
    if (client_data_json.find('\0') != std::string_view::npos) return not_client_data();
    bool is_too_deep = false;
    const auto keep = [&](int depth, json::parse_event_t, const json&) {
        is_too_deep = is_too_deep || depth > client_data_depth_max;
        return !is_too_deep;
    };
    const auto value = json::parse(client_data_json, keep, false);
    if (is_too_deep || !value.is_object()) return not_client_data();

    const auto* type = find_string(value, "type");
    const auto* challenge = find_string(value, "challenge");
    const auto* origin = find_string(value, "origin");
    if (type == nullptr || challenge == nullptr || origin == nullptr) return not_client_data();
    auto challenge_bytes = from_base64url(*challenge);
    if (!challenge_bytes) return not_client_data();
    const auto cross_origin = value.value("crossOrigin", json(false));
    if (!cross_origin.is_boolean()) return not_client_data();
    return core::PasskeyClientData{.type = *type,
                                   .challenge = *std::move(challenge_bytes),
                                   .origin = *origin,
                                   .is_cross_origin = cross_origin.get<bool>()};
}

Result<core::PasskeyRegistration> FidoPasskeyVerifier::read_registration(
    std::string_view relying_party, std::string_view authenticator_data) const {
    if (auto fault = fault_of(relying_party, authenticator_data)) {
        return unreadable(*std::move(fault));
    }
    if (!holds_credential(authenticator_data)) return unreadable("holds no credential");
    const FidoUse use;
    for (const auto algorithm : {PasskeyAlgorithm::es256, PasskeyAlgorithm::rs256}) {
        if (auto found = find_credential(authenticator_data, algorithm)) return *std::move(found);
    }
    return unreadable("the key must be ES256 on P-256, or RS256 of 2048 bits");
}

Result<std::uint32_t> FidoPasskeyVerifier::verify_assertion(
    const core::PasskeyKey& key, std::string_view relying_party,
    const core::PasskeyAssertionData& assertion) const {
    const auto data = assertion.authenticator_data;
    if (auto fault = fault_of(relying_party, data)) return not_signed(*std::move(fault));
    // Without the flag libfido2 reads nothing behind the head. Some authenticators repeat their
    // credential there, as signed as the rest.
    if (has_flag(data, extensions_flag) && !is_last_map(data.substr(authenticator_head_bytes))) {
        return not_signed("unreadable extensions");
    }

    const FidoUse use;
    const auto fido = owned(fido_assert_new());
    auto* const one = fido.get();
    if (fido_assert_set_count(one, 1) != FIDO_OK ||
        fido_assert_set_rp(one, std::string(relying_party).c_str()) != FIDO_OK ||
        fido_assert_set_up(one, FIDO_OPT_TRUE) != FIDO_OK ||
        fido_assert_set_uv(one, FIDO_OPT_TRUE) != FIDO_OK ||
        fido_assert_set_clientdata(one, bytes_of(assertion.client_data_json),
                                   assertion.client_data_json.size()) != FIDO_OK ||
        fido_assert_set_authdata_raw(one, 0, bytes_of(data), data.size()) != FIDO_OK ||
        fido_assert_set_sig(one, 0, bytes_of(assertion.signature), assertion.signature.size()) !=
            FIDO_OK) {
        return not_signed("unreadable assertion");
    }
    if (!is_signed_by(key, *one)) return not_signed("wrong signature");
    return fido_assert_sigcount(one, 0);
}

}  // namespace rb::crypto
