#include "plugin/crypto/digest.hpp"

#include "plugin/crypto/evp.hpp"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/hmac.h>
#include <openssl/params.h>

#include <array>
#include <utility>

namespace rb::plugin {

namespace {

// OSSL_PARAM takes pointers to mutable data and does not write through them.
OSSL_PARAM octets(const char* name, std::string_view content) {
    return OSSL_PARAM_construct_octet_string(name, const_cast<char*>(content.data()),
                                             content.size());
}

}  // namespace

const EVP_MD* md_of(HashAlgorithm algorithm) {
    switch (algorithm) {
        case HashAlgorithm::md5:
            return EVP_md5();
        case HashAlgorithm::sha1:
            return EVP_sha1();
        case HashAlgorithm::sha256:
            return EVP_sha256();
        case HashAlgorithm::sha384:
            return EVP_sha384();
        case HashAlgorithm::sha512:
            return EVP_sha512();
    }
    return nullptr;
}

Result<HashAlgorithm> parse_hash_algorithm(std::string_view name) {
    constexpr std::array<std::pair<std::string_view, HashAlgorithm>, 5> known{{
        {"md5", HashAlgorithm::md5},
        {"sha1", HashAlgorithm::sha1},
        {"sha256", HashAlgorithm::sha256},
        {"sha384", HashAlgorithm::sha384},
        {"sha512", HashAlgorithm::sha512},
    }};
    for (const auto& [text, algorithm] : known) {
        if (text == name) return algorithm;
    }
    return invalid_field("algorithm", "must be md5, sha1, sha256, sha384 or sha512");
}

std::string digest(HashAlgorithm algorithm, std::string_view content) {
    std::string hash(EVP_MAX_MD_SIZE, '\0');
    unsigned int size = 0;
    const int done = EVP_Digest(content.data(), content.size(), as_bytes(hash.data()), &size,
                                md_of(algorithm), nullptr);
    ASSERT(done == 1);
    hash.resize(size);
    return hash;
}

std::string hmac(HashAlgorithm algorithm, std::string_view key, std::string_view content) {
    std::string hash(EVP_MAX_MD_SIZE, '\0');
    unsigned int size = 0;
    const auto* done =
        HMAC(md_of(algorithm), key.empty() ? "" : key.data(), static_cast<int>(key.size()),
             as_bytes(content.data()), content.size(), as_bytes(hash.data()), &size);
    ASSERT(done != nullptr);
    hash.resize(size);
    return hash;
}

std::string hkdf_sha256(std::string_view secret, std::string_view salt, std::string_view info,
                        std::size_t bytes) {
    const EvpKdf kdf(EVP_KDF_fetch(nullptr, "HKDF", nullptr));
    ASSERT(kdf != nullptr);
    const EvpKdfContext context(EVP_KDF_CTX_new(kdf.get()));
    std::string hash_name = "SHA256";
    const std::array<OSSL_PARAM, 5> parameters{
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, hash_name.data(), 0),
        octets(OSSL_KDF_PARAM_KEY, secret), octets(OSSL_KDF_PARAM_SALT, salt),
        octets(OSSL_KDF_PARAM_INFO, info), OSSL_PARAM_construct_end()};
    std::string key(bytes, '\0');
    const int done =
        EVP_KDF_derive(context.get(), as_bytes(key.data()), key.size(), parameters.data());
    ASSERT(done == 1);
    return key;
}

bool equal_constant_time(std::string_view left, std::string_view right) {
    return left.size() == right.size() &&
           CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

}  // namespace rb::plugin
