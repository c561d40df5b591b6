// Owners of OpenSSL's handles.

#pragma once

#include "plugin/crypto/digest.hpp"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>

#include <memory>

namespace rb::plugin {

template <auto Free>
struct EvpDeleter {
    template <typename T>
    void operator()(T* handle) const {
        Free(handle);
    }
};

using EvpDigestContext = std::unique_ptr<EVP_MD_CTX, EvpDeleter<EVP_MD_CTX_free>>;
using EvpCipherContext = std::unique_ptr<EVP_CIPHER_CTX, EvpDeleter<EVP_CIPHER_CTX_free>>;
using EvpKey = std::unique_ptr<EVP_PKEY, EvpDeleter<EVP_PKEY_free>>;
using EvpKdf = std::unique_ptr<EVP_KDF, EvpDeleter<EVP_KDF_free>>;
using EvpKdfContext = std::unique_ptr<EVP_KDF_CTX, EvpDeleter<EVP_KDF_CTX_free>>;
using BioHandle = std::unique_ptr<BIO, EvpDeleter<BIO_free_all>>;

const EVP_MD* md_of(HashAlgorithm algorithm);

inline const unsigned char* as_bytes(const char* text) {
    return reinterpret_cast<const unsigned char*>(text);
}
inline unsigned char* as_bytes(char* text) {
    return reinterpret_cast<unsigned char*>(text);
}

}  // namespace rb::plugin
