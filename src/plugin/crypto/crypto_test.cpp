// Vectors from the RFCs and NIST, so that the functions are what their names say.
#include "plugin/crypto/cipher.hpp"
#include "plugin/crypto/digest.hpp"
#include "plugin/crypto/evp.hpp"
#include "plugin/crypto/signature.hpp"
#include "plugin/encoding/text_encoding.hpp"
#include "plugin/limits.hpp"

#include <gtest/gtest.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

namespace rb::plugin {
namespace {

std::string unhex(std::string_view text) {
    return *hex_decode(text);
}

std::string pem_of(const EvpKey& key, bool is_private) {
    const BioHandle bio(BIO_new(BIO_s_mem()));
    if (is_private) {
        PEM_write_bio_PrivateKey(bio.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    } else {
        PEM_write_bio_PUBKEY(bio.get(), key.get());
    }
    char* data = nullptr;
    const auto size = BIO_get_mem_data(bio.get(), &data);
    return {data, static_cast<std::size_t>(size)};
}

TEST(Digest, hashes_as_the_standards_say) {
    EXPECT_EQ(hex_encode(digest(HashAlgorithm::md5, "abc")), "900150983cd24fb0d6963f7d28e17f72");
    EXPECT_EQ(hex_encode(digest(HashAlgorithm::sha1, "abc")),
              "a9993e364706816aba3e25717850c26c9cd0d89d");
    EXPECT_EQ(hex_encode(digest(HashAlgorithm::sha256, "abc")),
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(digest(HashAlgorithm::sha512, "").size(), 64U);
}

TEST(Digest, an_unknown_algorithm_is_named_in_the_error) {
    EXPECT_EQ(parse_hash_algorithm("sha3").error().field, "algorithm");
}

// RFC 4231, test cases 1 and 2; RFC 2202, test case 2.
TEST(Hmac, answers_the_vectors_of_the_rfcs) {
    EXPECT_EQ(hex_encode(hmac(HashAlgorithm::sha256, std::string(20, '\x0b'), "Hi There")),
              "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    EXPECT_EQ(hex_encode(hmac(HashAlgorithm::sha256, "Jefe", "what do ya want for nothing?")),
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    EXPECT_EQ(hex_encode(hmac(HashAlgorithm::md5, "Jefe", "what do ya want for nothing?")),
              "750c783e6ab0b503eaa86e310a5db738");
}

// RFC 5869, test case 1.
TEST(Hkdf, answers_the_vector_of_the_rfc) {
    EXPECT_EQ(
        hex_encode(hkdf_sha256(std::string(22, '\x0b'), unhex("000102030405060708090a0b0c"),
                               unhex("f0f1f2f3f4f5f6f7f8f9"), 42)),
        "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
}

TEST(EqualConstantTime, compares_content_and_length) {
    EXPECT_TRUE(equal_constant_time("abc", "abc"));
    EXPECT_FALSE(equal_constant_time("abc", "abd"));
    EXPECT_FALSE(equal_constant_time("abc", "abcd"));
    EXPECT_TRUE(equal_constant_time("", ""));
}

// The GCM specification's test cases 14 and 2.
TEST(AesGcm, answers_the_vectors_of_its_specification) {
    EXPECT_EQ(hex_encode(*aes_gcm_encrypt(std::string(32, '\0'), std::string(12, '\0'),
                                          std::string(16, '\0'), "")),
              "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919");
    EXPECT_EQ(hex_encode(*aes_gcm_encrypt(std::string(16, '\0'), std::string(12, '\0'),
                                          std::string(16, '\0'), "")),
              "0388dace60b6a392f328c2b971b2fe78ab6e47d42cec13bdf53a67b21257bddf");
}

TEST(AesGcm, refuses_what_was_altered_or_moved) {
    const std::string key(32, 'k');
    const std::string nonce(12, 'n');
    const auto sealed = *aes_gcm_encrypt(key, nonce, "secret", "here");
    EXPECT_EQ(*aes_gcm_decrypt(key, nonce, sealed, "here"), "secret");
    EXPECT_EQ(aes_gcm_decrypt(key, nonce, sealed, "there").error().code,
              ErrorCode::failed_precondition);
    auto altered = sealed;
    altered[0] = static_cast<char>(altered[0] ^ 1);
    EXPECT_TRUE(aes_gcm_decrypt(key, nonce, altered, "here").has_error());
    EXPECT_EQ(aes_gcm_encrypt("short", nonce, "", "").error().field, "key");
    EXPECT_EQ(aes_gcm_encrypt(key, "short", "", "").error().field, "nonce");
}

// NIST SP 800-38A, F.2.1, first block; the padding block follows it.
TEST(AesCbc, answers_the_vector_of_nist_and_reads_it_back) {
    const auto key = unhex("2b7e151628aed2a6abf7158809cf4f3c");
    const auto iv = unhex("000102030405060708090a0b0c0d0e0f");
    const auto plain = unhex("6bc1bee22e409f96e93d7e117393172a");
    const auto sealed = *aes_cbc_encrypt(key, iv, plain);
    EXPECT_EQ(hex_encode(sealed).substr(0, 32), "7649abac8119b246cee98e9b12e9197d");
    EXPECT_EQ(*aes_cbc_decrypt(key, iv, sealed), plain);
    EXPECT_TRUE(aes_cbc_decrypt(key, iv, sealed.substr(0, 16)).has_error());
}

TEST(RsaSignature, verifies_with_the_public_key_and_no_other_content) {
    const EvpKey key(EVP_RSA_gen(2048));
    const auto private_pem = pem_of(key, true);
    const auto public_pem = pem_of(key, false);
    for (const auto padding : {RsaPadding::pkcs1, RsaPadding::pss}) {
        const auto signature = *rsa_sign(private_pem, padding, HashAlgorithm::sha256, "amount=12");
        EXPECT_TRUE(
            *rsa_verify(public_pem, padding, HashAlgorithm::sha256, "amount=12", signature));
        EXPECT_FALSE(
            *rsa_verify(public_pem, padding, HashAlgorithm::sha256, "amount=13", signature));
        EXPECT_FALSE(*rsa_verify(public_pem, padding, HashAlgorithm::sha256, "amount=12", "junk"));
    }
}

TEST(RsaSignature, names_the_key_that_is_none) {
    EXPECT_EQ(rsa_sign("no key", RsaPadding::pkcs1, HashAlgorithm::sha256, "").error().field,
              "private_key");
    EXPECT_EQ(rsa_verify("no key", RsaPadding::pss, HashAlgorithm::sha256, "", "").error().field,
              "public_key");
    const EvpKey weak(EVP_RSA_gen(512));
    if (weak) {
        EXPECT_TRUE(
            rsa_sign(pem_of(weak, true), RsaPadding::pkcs1, HashAlgorithm::sha1, "").has_error());
    }
}

// A public key of so many bits whose modulus is no product of primes; nobody looks.
EvpKey key_of_bits(int bits) {
    const std::unique_ptr<BIGNUM, EvpDeleter<BN_free>> modulus(BN_new());
    const std::unique_ptr<BIGNUM, EvpDeleter<BN_free>> exponent(BN_new());
    EXPECT_EQ(BN_set_bit(modulus.get(), bits - 1) + BN_set_bit(modulus.get(), 0), 2);
    EXPECT_EQ(BN_set_word(exponent.get(), RSA_F4), 1);
    const std::unique_ptr<OSSL_PARAM_BLD, EvpDeleter<OSSL_PARAM_BLD_free>> builder(
        OSSL_PARAM_BLD_new());
    OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get());
    OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, exponent.get());
    const std::unique_ptr<OSSL_PARAM, EvpDeleter<OSSL_PARAM_free>> parameters(
        OSSL_PARAM_BLD_to_param(builder.get()));
    const std::unique_ptr<EVP_PKEY_CTX, EvpDeleter<EVP_PKEY_CTX_free>> context(
        EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr));
    EXPECT_EQ(EVP_PKEY_fromdata_init(context.get()), 1);
    EVP_PKEY* key = nullptr;
    EXPECT_EQ(EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()), 1);
    return EvpKey(key);
}

TEST(RsaSignature, takes_no_key_that_costs_seconds) {
    const auto verified = [](int bits) {
        return rsa_verify(pem_of(key_of_bits(bits), false), RsaPadding::pkcs1,
                          HashAlgorithm::sha256, "", "junk");
    };
    EXPECT_FALSE(*verified(rsa_bits_max));
    EXPECT_EQ(verified(rsa_bits_max + 1).error().message,
              "public_key: must have at most 8192 bits");
    const auto padded = [](std::string pem, std::size_t bytes) {
        pem.insert(0, std::string(bytes - pem.size(), '\n'));
        return pem;
    };
    const EvpKey key(EVP_RSA_gen(2048));
    const auto sign = [&](std::size_t bytes) {
        return rsa_sign(padded(pem_of(key, true), bytes), RsaPadding::pkcs1, HashAlgorithm::sha256,
                        "");
    };
    EXPECT_TRUE(sign(private_key_bytes_max).has_value());
    EXPECT_EQ(sign(private_key_bytes_max + 1).error().message,
              "private_key: must be at most 8 KiB");
    const auto verify = [&](std::size_t bytes) {
        return rsa_verify(padded(pem_of(key, false), bytes), RsaPadding::pkcs1,
                          HashAlgorithm::sha256, "", "junk");
    };
    EXPECT_TRUE(verify(public_key_bytes_max).has_value());
    EXPECT_EQ(verify(public_key_bytes_max + 1).error().message,
              "public_key: must be at most 64 KiB");
}

}  // namespace
}  // namespace rb::plugin
