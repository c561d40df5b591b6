// What a stranger's browser and authenticator send. The first byte says what the rest is: client
// data, the authenticator data of a registration, or an assertion.

#include "core/second_factor/passkey_verifier.hpp"

#include "crypto/base64url.hpp"
#include "crypto/ctap_cbor.hpp"
#include "crypto/fido_passkey_verifier.hpp"

#include <openssl/err.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace {

using namespace rb;

const crypto::FidoPasskeyVerifier verifier;
// A hash cannot be guessed, so the fuzzer is given that of "example.org".
const std::string site = "example.org";
const std::string site_hash =
    "\xBF\xAB\xC3\x74\x32\x95\x8B\x06\x33\x60\xD3\xAD\x64\x61\xC9\xC4"
    "\x73\x5A\xE7\xF8\xED\xD4\x65\x92\xA5\xE0\xF0\x14\x52\xB2\xE4\xB5";

void check_client_data(std::string_view input) {
    const auto read = verifier.read_client_data(input);
    if (read.has_value()) {
        ASSERT(input.find(crypto::to_base64url(read->challenge)) != std::string_view::npos ||
               input.find('\\') != std::string_view::npos);
        ASSERT(!read->is_cross_origin || input.find("crossOrigin") != std::string_view::npos ||
               input.find('\\') != std::string_view::npos);
    } else {
        ASSERT(read.error().code == ErrorCode::invalid_argument);
    }
}

void check_registration(std::string_view input) {
    static_cast<void>(verifier.read_registration(site, input));
    const auto data = site_hash + std::string(input);
    const auto read = verifier.read_registration(site, data);
    ASSERT(verifier.read_registration("example.com", data).has_error());
    if (read.has_error()) {
        ASSERT(read.error().code == ErrorCode::invalid_argument);
        return;
    }
    ASSERT((data[32] & 0x45) == 0x45);
    ASSERT(!read->credential_id.empty() && read->credential_id.size() <= 1023);
    ASSERT(data.substr(55).starts_with(read->credential_id));
    const bool is_es256 = read->key.algorithm == core::PasskeyAlgorithm::es256;
    ASSERT(read->key.public_key.size() == (is_es256 ? 64 : 259));
    ASSERT(data.find(read->key.public_key.substr(0, 32)) != std::string::npos);
}

// By a key that the input names, whatever it may be, and by one that nobody has the other half of.
void check_assertion(std::string_view input) {
    const auto take = [&](std::size_t size) {
        const auto part = input.substr(0, size);
        input.remove_prefix(part.size());
        return part;
    };
    const auto byte = [&] {
        const auto part = take(1);
        return part.empty() ? std::size_t{0} : static_cast<std::uint8_t>(part.front());
    };
    const auto algorithm =
        byte() % 2 == 0 ? core::PasskeyAlgorithm::es256 : core::PasskeyAlgorithm::rs256;
    // Nothing stands for the right length.
    const std::size_t right = algorithm == core::PasskeyAlgorithm::es256 ? 64 : 259;
    const auto said = byte();
    const auto key = take(said == 0 ? right : said);
    const auto signature = take(2 * byte());
    const auto client_data = take(byte());
    const auto data = site_hash + std::string(input);
    const auto verified = verifier.verify_assertion({algorithm, std::string(key)}, site,
                                                    {client_data, data, signature});
    if (verified.has_value()) ASSERT((data[32] & 5) == 5 && !signature.empty());
    if (verified.has_error()) ASSERT(verified.error().code == ErrorCode::unauthenticated);
    const core::PasskeyKey generator{
        core::PasskeyAlgorithm::es256,
        "\x6B\x17\xD1\xF2\xE1\x2C\x42\x47\xF8\xBC\xE6\xE5\x63\xA4\x40\xF2"
        "\x77\x03\x7D\x81\x2D\xEB\x33\xA0\xF4\xA1\x39\x45\xD8\x98\xC2\x96"
        "\x4F\xE3\x42\xE2\xFE\x1A\x7F\x9B\x8E\xE7\xEB\x4A\x7C\x0F\x9E\x16"
        "\x2B\xCE\x33\x57\x6B\x31\x5E\xCE\xCB\xB6\x40\x68\x37\xBF\x51\xF5"};
    static_cast<void>(verifier.verify_assertion(generator, site, {client_data, data, signature}));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    if (input.empty()) return 0;
    const auto rest = input.substr(1);
    if (const auto item = crypto::ctap_cbor_size(rest)) ASSERT(*item >= 1 && *item <= rest.size());
    switch (data[0] % 3) {
        case 0:
            check_client_data(rest);
            break;
        case 1:
            check_registration(rest);
            break;
        default:
            check_assertion(rest);
    }
    ASSERT(ERR_peek_error() == 0);
    return 0;
}
