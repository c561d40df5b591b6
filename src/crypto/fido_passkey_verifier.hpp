// The PasskeyVerifier port: keys and signatures by libfido2, the browser's JSON by nlohmann::json.
//
// libfido2 is the reader here of what was sent, and never looks for a device: nothing of it is
// called that opens one.

#pragma once

#include "core/second_factor/passkey_verifier.hpp"

#include <cstdint>
#include <string_view>

namespace rb::crypto {

class FidoPasskeyVerifier final : public core::PasskeyVerifier {
public:
    [[nodiscard]] Result<core::PasskeyClientData> read_client_data(
        std::string_view client_data_json) const override;
    [[nodiscard]] Result<core::PasskeyRegistration> read_registration(
        std::string_view relying_party, std::string_view authenticator_data) const override;
    [[nodiscard]] Result<std::uint32_t> verify_assertion(
        const core::PasskeyKey& key, std::string_view relying_party,
        const core::PasskeyAssertionData& assertion) const override;
};

}  // namespace rb::crypto
