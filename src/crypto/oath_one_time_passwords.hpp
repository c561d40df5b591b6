// The OneTimePasswords port on liboath.

#pragma once

#include "core/second_factor/one_time_passwords.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace rb::crypto {

class OathOneTimePasswords final : public core::OneTimePasswords {
public:
    OathOneTimePasswords();

    [[nodiscard]] std::optional<std::int64_t> step_of(std::string_view secret,
                                                      std::string_view code,
                                                      core::Timestamp now) const override;
    [[nodiscard]] std::string base32(std::string_view secret) const override;
};

}  // namespace rb::crypto
