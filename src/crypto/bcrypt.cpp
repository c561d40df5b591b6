#include "crypto/bcrypt.hpp"

#include "base/assert.hpp"

#include "core/identity/limits.hpp"

#include <crypt.h>
#include <openssl/crypto.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>

namespace rb::crypto {

namespace {

constexpr std::size_t hash_chars = 60;
constexpr std::size_t salt_bytes = 16;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_hash_character(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '/';
}

bool fits(std::string_view password) {
    return password.size() <= core::limits::password_bytes_max &&
           password.find('\0') == std::string_view::npos;
}

// Empty when libcrypt refuses the setting. crypt_data is 32 KiB and keeps traces of the password.
std::string crypted(std::string_view password, const std::string& setting) {
    const auto data = std::make_unique<crypt_data>();
    std::string phrase(password);
    const char* hash = crypt_r(phrase.c_str(), setting.c_str(), data.get());
    std::string result = hash == nullptr ? "" : hash;
    OPENSSL_cleanse(data.get(), sizeof(crypt_data));
    OPENSSL_cleanse(phrase.data(), phrase.size());
    return result;
}

}  // namespace

bool is_bcrypt_hash(std::string_view hash) {
    const bool has_head = hash.size() == hash_chars && hash.starts_with("$2") &&
                          (hash[2] == 'a' || hash[2] == 'b' || hash[2] == 'y') && hash[3] == '$' &&
                          is_digit(hash[4]) && is_digit(hash[5]) && hash[6] == '$';
    return has_head && std::ranges::all_of(hash.substr(7), is_hash_character);
}

std::string bcrypt_hash(std::string_view password, int cost, core::RandomSource& random) {
    ASSERT(cost >= bcrypt_cost_min && cost <= bcrypt_cost_max && fits(password));
    std::array<std::uint8_t, salt_bytes> salt{};
    random.fill(salt);

    char setting[CRYPT_GENSALT_OUTPUT_SIZE];
    const char* made = crypt_gensalt_rn("$2b$", static_cast<unsigned long>(cost),
                                        reinterpret_cast<const char*>(salt.data()),
                                        static_cast<int>(salt.size()), setting, sizeof setting);
    ASSERT(made != nullptr);
    auto hash = crypted(password, setting);
    ASSERT(is_bcrypt_hash(hash));
    return hash;
}

bool bcrypt_verify(std::string_view password, std::string_view hash) {
    if (!is_bcrypt_hash(hash) || !fits(password)) return false;
    const auto computed = crypted(password, std::string(hash));
    return computed.size() == hash.size() &&
           CRYPTO_memcmp(computed.data(), hash.data(), hash.size()) == 0;
}

}  // namespace rb::crypto
