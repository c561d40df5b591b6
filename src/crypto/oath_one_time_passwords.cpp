#include "crypto/oath_one_time_passwords.hpp"

#include "base/assert.hpp"

#include <liboath/oath.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <memory>

namespace rb::crypto {

namespace {

constexpr std::int64_t one_time_password_seconds = 30;
constexpr std::size_t one_time_password_digits = 6;
// So many steps to each side of the current one.
constexpr std::size_t one_time_password_window = 1;

bool is_one_time_password(std::string_view code) {
    return code.size() == one_time_password_digits &&
           std::all_of(code.begin(), code.end(), [](char c) { return c >= '0' && c <= '9'; });
}

struct Freed {
    void operator()(char* memory) const { std::free(memory); }
};

}  // namespace

OathOneTimePasswords::OathOneTimePasswords() {
    // Makes ready tables of the process, and may be called again.
    const int done = oath_init();
    ASSERT(done == OATH_OK);
}

std::optional<std::int64_t> OathOneTimePasswords::step_of(std::string_view secret,
                                                          std::string_view code,
                                                          core::Timestamp now) const {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(now.time_since_epoch()).count();
    // liboath counts in unsigned numbers, and would look for the step before the first at their
    // end.
    if (seconds < one_time_password_seconds || !is_one_time_password(code)) return std::nullopt;
    std::uint64_t step = 0;
    const int found =
        oath_totp_validate4(secret.data(), secret.size(), seconds, one_time_password_seconds, 0,
                            one_time_password_window, nullptr, &step, 0, std::string(code).c_str());
    if (found < 0) return std::nullopt;
    return static_cast<std::int64_t>(step);
}

std::string OathOneTimePasswords::base32(std::string_view secret) const {
    char* made = nullptr;
    std::size_t size = 0;
    const int done = oath_base32_encode(secret.data(), secret.size(), &made, &size);
    const std::unique_ptr<char, Freed> owner(made);
    ASSERT(done == OATH_OK);
    std::string_view text(made, size);
    text = text.substr(0, text.find('='));
    return std::string(text);
}

}  // namespace rb::crypto
