// Encryption of what must be read again later: secrets of plugin configurations and of TOTP. What
// need only be compared is hashed (digester.hpp).

#pragma once

#include "base/result.hpp"

#include <string>
#include <string_view>

namespace rb::core {

class SecretSealer {
public:
    virtual ~SecretSealer() = default;
    // Both thread-safe. A sealed text is bound to its owner and field, and opens nowhere else.

    [[nodiscard]] virtual std::string seal(std::string_view owner, std::string_view field,
                                           std::string_view plain) const = 0;
    // ERRORS: failed_precondition  the text was sealed with another key, for another place, or was
    //                              altered
    [[nodiscard]] virtual Result<std::string> open(std::string_view owner, std::string_view field,
                                                   std::string_view sealed) const = 0;
};

}  // namespace rb::core
