// A verification code: six digits that prove that somebody reads an address.
//
// The code is derived, not stored: the first bytes of keyed("code" ‖ row id ‖ e-mail), as a decimal
// number. So the worker that sends the mail can compute it, and neither the row nor the event in
// the outbox holds it in clear.

#pragma once

#include "base/result.hpp"

#include "core/ids.hpp"
#include "core/named_enum.hpp"
#include "core/ports/clock.hpp"
#include "core/ports/digester.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace rb::core {

enum class VerificationPurpose { registration, password_reset };

template <>
struct EnumNames<VerificationPurpose> {
    static constexpr std::array<std::string_view, 2> names = {"registration", "password_reset"};
};

// ERRORS: invalid_argument  purpose is not one we send codes for (`registration`)
Result<VerificationPurpose> parse_verification_purpose(std::string_view text);

struct VerificationCode {
    Uuid id;
    std::string email;
    VerificationPurpose purpose = VerificationPurpose::registration;
    Digest code_hash = {};
    int attempts = 0;
    Timestamp created_at = {};
    Timestamp expires_at = {};
    std::optional<Timestamp> consumed_at = {};
};

// Six digits, leading zeros kept. The e-mail's case does not matter.
std::string derive_code(const Digester& digester, Uuid id, std::string_view email);
Digest hash_code(const Digester& digester, Uuid id, std::string_view code);

// Whether `given` is the code now. The caller counts the attempt when it is not.
// ERRORS: failed_precondition  (verification_code) consumed, expired, tried too often, or wrong
Result<> check_code(const VerificationCode& code, std::string_view given, const Digester& digester,
                    Timestamp now);

// Time until another code may be asked for; zero when now.
std::chrono::seconds wait_before_resend(const std::optional<VerificationCode>& newest,
                                        Timestamp now);

}  // namespace rb::core
