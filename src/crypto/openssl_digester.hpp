// The Digester port on OpenSSL.

#pragma once

#include "core/ports/digester.hpp"

#include <string>
#include <string_view>

namespace rb::crypto {

class OpensslDigester final : public core::Digester {
public:
    // `secret` keys keyed(); servers that share a database share it. It is not used as it is: the
    // key is HMAC-SHA-256(secret, "rustbill digests v1"), so that nothing made here passes for a
    // token that the same secret signs.
    explicit OpensslDigester(std::string_view secret);

    [[nodiscard]] core::Digest sha256(std::string_view bytes) const override;
    [[nodiscard]] core::Digest keyed(std::string_view bytes) const override;

private:
    core::Digest key_;
};

// Its bytes, for as long as it lives.
std::string_view view_of(const core::Digest& digest);

// RFC 2104 over FIPS 180-4.
core::Digest hmac_sha256(std::string_view key, std::string_view bytes);

}  // namespace rb::crypto
