#include "plugin/host/tls_options.hpp"

#include "plugin/crypto/certificate.hpp"
#include "plugin/host/call_state.hpp"

namespace rb::plugin {

TlsOptions tls_options_of(const Json& options) {
    check_options(options, "tls", {"ca", "cert", "key", "certificate"});
    TlsOptions tls{.ca_pem = text_option(options, "ca"),
                   .client_cert_pem = text_option(options, "cert"),
                   .client_key_pem = text_option(options, "key")};
    const auto certificate = text_option(options, "certificate");
    if (!certificate.empty()) {
        auto hash = certificate_sha256(certificate);
        if (hash.has_error()) rune::panic("option `certificate` " + hash.error().message);
        tls.certificate_sha256 = std::move(*hash);
    }
    return tls;
}

}  // namespace rb::plugin
