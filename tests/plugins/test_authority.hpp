// A certificate authority of one test: signs certificates for the peers and clients of that test.

#pragma once

#include <openssl/x509.h>

#include <memory>
#include <string>

namespace rb::test {

struct Identity {
    std::string certificate_pem;
    std::string key_pem;
};

class TestAuthority {
public:
    TestAuthority();

    [[nodiscard]] std::string pem() const;
    // `names` as in a subjectAltName: "DNS:localhost,IP:127.0.0.1".
    [[nodiscard]] Identity sign(const std::string& common_name, const std::string& names) const;

private:
    struct Free {
        void operator()(X509* certificate) const { X509_free(certificate); }
        void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
    };
    std::unique_ptr<EVP_PKEY, Free> key_;
    std::unique_ptr<X509, Free> certificate_;
};

}  // namespace rb::test
