// SecretBox: seals for the database what must be read again: the secret fields of plugin
// configurations, and users' TOTP secrets.
//
// Format of a sealed text: "sealed:v1:" base64( nonce[12] | ciphertext | tag[16] ), AES-256-GCM.
// The key is HKDF-SHA256(master secret, salt "rustbill", info "plugin-config v1"). The associated
// data is "<owner>/<field>", so that a sealed value cannot be moved to another owner or field; a
// configuration's owner is its interface.
//
// Immutable after construction; thread-safe.

#pragma once

#include "base/result.hpp"

#include "core/ports/random_source.hpp"
#include "core/ports/secret_sealer.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace rb::plugin {

class SecretBox final : public core::SecretSealer {
public:
    // `master_secret` is the configuration's jwt.secret. Changing it makes what was sealed
    // unreadable: open() says so, and the secrets must be entered again. `random` must outlive the
    // box.
    SecretBox(std::string_view master_secret, core::RandomSource& random);

    [[nodiscard]] std::string seal(std::string_view owner, std::string_view field,
                                   std::string_view plain) const override;
    [[nodiscard]] Result<std::string> open(std::string_view owner, std::string_view field,
                                           std::string_view sealed) const override;
    static bool is_sealed(std::string_view text);

private:
    std::array<std::uint8_t, 32> key_;
    core::RandomSource& random_;
};

}  // namespace rb::plugin
