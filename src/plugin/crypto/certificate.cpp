#include "plugin/crypto/certificate.hpp"

#include "plugin/crypto/evp.hpp"
#include "plugin/encoding/text_encoding.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <array>

namespace rb::plugin {

Result<std::string> certificate_sha256(std::string_view pem) {
    using X509Handle = std::unique_ptr<X509, EvpDeleter<X509_free>>;
    const BioHandle bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    const X509Handle certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
    std::array<unsigned char, EVP_MAX_MD_SIZE> hash{};
    unsigned int size = 0;
    if (!certificate || X509_digest(certificate.get(), EVP_sha256(), hash.data(), &size) != 1) {
        ERR_clear_error();
        return invalid_field("certificate", "must be a certificate in PEM");
    }
    return hex_encode({reinterpret_cast<const char*>(hash.data()), size});
}

}  // namespace rb::plugin
