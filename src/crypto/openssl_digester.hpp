// The Digester port on OpenSSL, and the HMAC it and the access tokens stand on.

#pragma once

#include "core/ports/digester.hpp"

#include <memory>
#include <string>
#include <string_view>

// OpenSSL's context, so that its headers stay inside this layer's .cpp files.
struct evp_mac_ctx_st;

namespace rb::crypto {

// HMAC-SHA-256 (RFC 2104 over FIPS 180-4) under one key. What depends on the key alone is done
// once, and OpenSSL looks its implementation up once. Thread-safe.
class HmacSha256 {
public:
    explicit HmacSha256(std::string_view key);

    [[nodiscard]] core::Digest of(std::string_view bytes) const;

private:
    struct Free {
        void operator()(evp_mac_ctx_st* context) const;
    };
    using Context = std::unique_ptr<evp_mac_ctx_st, Free>;

    // Holds the key and no bytes yet; each use copies it.
    Context keyed_;
};

class OpensslDigester final : public core::Digester {
public:
    // `secret` keys keyed(); servers that share a database share it. It is not used as it is: the
    // key is HMAC-SHA-256(secret, "rustbill digests v1"), so that nothing made here passes for a
    // token that the same secret signs.
    explicit OpensslDigester(std::string_view secret);

    [[nodiscard]] core::Digest sha256(std::string_view bytes) const override;
    [[nodiscard]] core::Digest keyed(std::string_view bytes) const override;

private:
    HmacSha256 hmac_;
};

// Its bytes, for as long as it lives.
std::string_view view_of(const core::Digest& digest);

}  // namespace rb::crypto
