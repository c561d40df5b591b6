#include "plugin/crypto/signature.hpp"

#include "plugin/crypto/evp.hpp"
#include "plugin/limits.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

namespace rb::plugin {

namespace {

constexpr int rsa_bits_min = 1024;

using X509Handle = std::unique_ptr<X509, EvpDeleter<X509_free>>;

BioHandle reader(std::string_view text) {
    return BioHandle(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

// Never asks a terminal for a passphrase: an encrypted key is not a key here.
int no_passphrase(char*, int, int, void*) {
    return -1;
}

Result<EvpKey> checked(EvpKey key, std::string_view field) {
    ERR_clear_error();
    if (key == nullptr || EVP_PKEY_base_id(key.get()) != EVP_PKEY_RSA) {
        return invalid_field(std::string(field), "must be an RSA key in PEM without a passphrase");
    }
    if (EVP_PKEY_bits(key.get()) < rsa_bits_min) {
        return invalid_field(std::string(field), "must have at least 1024 bits");
    }
    if (EVP_PKEY_bits(key.get()) > rsa_bits_max) {
        return invalid_field(std::string(field), "must have at most 8192 bits");
    }
    return key;
}

EvpKey read_public_key(std::string_view pem) {
    auto bio = reader(pem);
    if (EvpKey key(PEM_read_bio_PUBKEY(bio.get(), nullptr, no_passphrase, nullptr)); key) {
        return key;
    }
    bio = reader(pem);
    const X509Handle certificate(PEM_read_bio_X509(bio.get(), nullptr, no_passphrase, nullptr));
    return certificate ? EvpKey(X509_get_pubkey(certificate.get())) : nullptr;
}

bool set_padding(EVP_PKEY_CTX* context, RsaPadding padding) {
    if (padding == RsaPadding::pkcs1) {
        return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1;
    }
    return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
           EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1;
}

}  // namespace

Result<RsaPadding> parse_rsa_padding(std::string_view name) {
    if (name == "pkcs1") return RsaPadding::pkcs1;
    if (name == "pss") return RsaPadding::pss;
    return invalid_field("padding", "must be pkcs1 or pss");
}

Result<std::string> rsa_sign(std::string_view private_key_pem, RsaPadding padding,
                             HashAlgorithm algorithm, std::string_view content) {
    if (private_key_pem.size() > private_key_bytes_max) {
        return invalid_field("private_key", "must be at most 8 KiB");
    }
    const auto bio = reader(private_key_pem);
    const auto key =
        TRY(checked(EvpKey(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr)),
                    "private_key"));
    const EvpDigestContext context(EVP_MD_CTX_new());
    EVP_PKEY_CTX* key_context = nullptr;
    std::size_t size = 0;
    bool ok =
        EVP_DigestSignInit(context.get(), &key_context, md_of(algorithm), nullptr, key.get()) == 1;
    ok = ok && set_padding(key_context, padding);
    ok = ok && EVP_DigestSign(context.get(), nullptr, &size, as_bytes(content.data()),
                              content.size()) == 1;
    std::string signature(size, '\0');
    ok = ok && EVP_DigestSign(context.get(), as_bytes(signature.data()), &size,
                              as_bytes(content.data()), content.size()) == 1;
    if (!ok) return internal_error("RSA signing failed");
    signature.resize(size);
    return signature;
}

Result<bool> rsa_verify(std::string_view public_key_pem, RsaPadding padding,
                        HashAlgorithm algorithm, std::string_view content,
                        std::string_view signature) {
    if (public_key_pem.size() > public_key_bytes_max) {
        return invalid_field("public_key", "must be at most 64 KiB");
    }
    const auto key = TRY(checked(read_public_key(public_key_pem), "public_key"));
    const EvpDigestContext context(EVP_MD_CTX_new());
    EVP_PKEY_CTX* key_context = nullptr;
    bool ok = EVP_DigestVerifyInit(context.get(), &key_context, md_of(algorithm), nullptr,
                                   key.get()) == 1;
    ok = ok && set_padding(key_context, padding);
    if (!ok) return internal_error("RSA verification could not start");
    const bool is_right =
        EVP_DigestVerify(context.get(), as_bytes(signature.data()), signature.size(),
                         as_bytes(content.data()), content.size()) == 1;
    ERR_clear_error();
    return is_right;
}

}  // namespace rb::plugin
