#include "crypto/openssl_digester.hpp"

#include "base/assert.hpp"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <array>

namespace rb::crypto {

namespace {

const unsigned char* octets(std::string_view bytes) {
    return reinterpret_cast<const unsigned char*>(bytes.data());
}

}  // namespace

std::string_view view_of(const core::Digest& digest) {
    return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

void HmacSha256::Free::operator()(evp_mac_ctx_st* context) const {
    EVP_MAC_CTX_free(context);
}

HmacSha256::HmacSha256(std::string_view key) {
    const std::unique_ptr<EVP_MAC, decltype(&EVP_MAC_free)> mac(
        EVP_MAC_fetch(nullptr, "HMAC", nullptr), &EVP_MAC_free);
    ASSERT(mac != nullptr);
    keyed_.reset(EVP_MAC_CTX_new(mac.get()));
    std::string digest_name = "SHA256";
    const std::array parameters = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest_name.data(), 0),
        OSSL_PARAM_construct_end()};
    // An empty key is a key, where nullptr would mean "the one of before".
    const auto* bytes = key.empty() ? octets("") : octets(key);
    ASSERT(keyed_ && EVP_MAC_init(keyed_.get(), bytes, key.size(), parameters.data()) == 1);
}

core::Digest HmacSha256::of(std::string_view bytes) const {
    core::Digest digest{};
    std::size_t length = 0;
    const Context context(EVP_MAC_CTX_dup(keyed_.get()));
    ASSERT(context && EVP_MAC_update(context.get(), octets(bytes), bytes.size()) == 1);
    ASSERT(EVP_MAC_final(context.get(), digest.data(), &length, digest.size()) == 1);
    ASSERT(length == digest.size());
    return digest;
}

OpensslDigester::OpensslDigester(std::string_view secret)
    : hmac_(view_of(HmacSha256(secret).of("rustbill digests v1"))) {}

core::Digest OpensslDigester::sha256(std::string_view bytes) const {
    core::Digest digest{};
    unsigned int length = 0;
    const int done =
        EVP_Digest(bytes.data(), bytes.size(), digest.data(), &length, EVP_sha256(), nullptr);
    ASSERT(done == 1 && length == digest.size());
    return digest;
}

core::Digest OpensslDigester::keyed(std::string_view bytes) const {
    return hmac_.of(bytes);
}

}  // namespace rb::crypto
