#include "core/identity/verification_code.hpp"

#include "core/identity/limits.hpp"
#include "core/text.hpp"

#include <algorithm>
#include <cstdio>

namespace rb::core {

namespace {

Error code_refused(std::string rule) {
    return Error{.code = ErrorCode::failed_precondition,
                 .message = "verification_code: " + std::move(rule),
                 .field = "verification_code"};
}

}  // namespace

Result<VerificationPurpose> parse_verification_purpose(std::string_view text) {
    if (text == "registration") return VerificationPurpose::registration;
    return invalid_field("purpose", "must be registration");
}

std::string derive_code(const Digester& digester, Uuid id, std::string_view email) {
    const auto digest = digester.keyed("code\n" + id.to_string() + "\n" + to_lower_ascii(email));
    // 2^64 is no multiple of a million, but the bias is below one in ten million million.
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < 8; ++i) number = (number << 8) | digest[i];
    char text[8];
    std::snprintf(text, sizeof text, "%06u", static_cast<unsigned>(number % 1'000'000));
    return text;
}

Digest hash_code(const Digester& digester, Uuid id, std::string_view code) {
    return digester.keyed("code-hash\n" + id.to_string() + "\n" + std::string(code));
}

Result<> check_code(const VerificationCode& code, std::string_view given, const Digester& digester,
                    Timestamp now) {
    if (code.consumed_at) return code_refused("was used already; ask for a new one");
    if (now >= code.expires_at) return code_refused("has expired; ask for a new one");
    if (code.attempts >= limits::verification_attempts_max) {
        return code_refused("was tried too often; ask for a new one");
    }
    if (!equal_in_constant_time(code.code_hash, hash_code(digester, code.id, given))) {
        return code_refused("is wrong");
    }
    return {};
}

std::chrono::seconds wait_before_resend(const std::optional<VerificationCode>& newest,
                                        Timestamp now) {
    if (!newest) return std::chrono::seconds(0);
    const auto next = newest->created_at + limits::verification_resend_interval;
    if (now >= next) return std::chrono::seconds(0);
    return std::chrono::ceil<std::chrono::seconds>(next - now);
}

}  // namespace rb::core
