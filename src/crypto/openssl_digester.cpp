#include "crypto/openssl_digester.hpp"

#include "base/assert.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

namespace rb::crypto {

namespace {

const unsigned char* octets(std::string_view bytes) {
    return reinterpret_cast<const unsigned char*>(bytes.data());
}

}  // namespace

std::string_view view_of(const core::Digest& digest) {
    return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

core::Digest hmac_sha256(std::string_view key, std::string_view bytes) {
    core::Digest digest{};
    unsigned int length = 0;
    const auto* done = HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), octets(bytes),
                            bytes.size(), digest.data(), &length);
    ASSERT(done != nullptr && length == digest.size());
    return digest;
}

OpensslDigester::OpensslDigester(std::string_view secret)
    : key_(hmac_sha256(secret, "rustbill digests v1")) {}

core::Digest OpensslDigester::sha256(std::string_view bytes) const {
    core::Digest digest{};
    unsigned int length = 0;
    const int done =
        EVP_Digest(bytes.data(), bytes.size(), digest.data(), &length, EVP_sha256(), nullptr);
    ASSERT(done == 1 && length == digest.size());
    return digest;
}

core::Digest OpensslDigester::keyed(std::string_view bytes) const {
    return hmac_sha256(view_of(key_), bytes);
}

}  // namespace rb::crypto
