// SecretBox: seals the secret fields of plugin configurations for the database.
//
// Format of a sealed text: "sealed:v1:" base64( nonce[12] | ciphertext | tag[16] ), AES-256-GCM.
// The key is HKDF-SHA256(master secret, salt "rustbill", info "plugin-config v1"). The associated
// data is
// "<interface id>/<field>", so that a sealed value cannot be moved to another interface or field.
//
// Immutable after construction; thread-safe.

#pragma once

#include "base/result.hpp"

#include "core/ports/random_source.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace rb::plugin {

class SecretBox {
public:
    // `master_secret` is the configuration's jwt.secret. Changing it makes what was sealed
    // unreadable: open() says so, and the secrets must be entered again. `random` must outlive the
    // box.
    SecretBox(std::string_view master_secret, core::RandomSource& random);

    [[nodiscard]] std::string seal(std::string_view interface_id, std::string_view field,
                                   std::string_view plain) const;
    // ERRORS: failed_precondition  the text was sealed with another key, for another place, or was
    //                              altered
    [[nodiscard]] Result<std::string> open(std::string_view interface_id, std::string_view field,
                                           std::string_view sealed) const;
    static bool is_sealed(std::string_view text);

private:
    std::array<std::uint8_t, 32> key_;
    core::RandomSource& random_;
};

}  // namespace rb::plugin
