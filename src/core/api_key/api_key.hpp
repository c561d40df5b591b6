// A customer's API key: how his programs (a reseller's server) sign in.
//
//   rbk_<43 base64url characters>       shown once, at its creation
//   key_prefix: the first 12 characters, so that a person tells his keys apart
//   key_hash:   SHA-256 of the whole

#pragma once

#include "base/result.hpp"

#include "core/ids.hpp"
#include "core/ports/clock.hpp"
#include "core/ports/digester.hpp"
#include "core/ports/random_source.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rb::core {

namespace limits {
// Enough for a key per program and a spare each; bounds what a leaked account can scatter.
constexpr std::size_t api_keys_per_customer_max = 20;
constexpr std::size_t api_key_name_chars_max = 100;
}  // namespace limits

struct ApiKey {
    ApiKeyId id;
    CustomerId customer;
    std::optional<UserId> created_by = {};
    std::string name;
    std::string key_prefix;
    Digest key_hash = {};
    // Never empty: what the key may do.
    std::vector<std::string> scopes;
    bool enabled = true;
    Timestamp created_at = {};
    std::optional<Timestamp> last_used_at = {};
    std::optional<Timestamp> expires_at = {};

    [[nodiscard]] bool is_valid_at(Timestamp now) const {
        return enabled && (!expires_at || now < *expires_at);
    }
};

constexpr std::string_view api_key_mark = "rbk_";
constexpr std::size_t api_key_prefix_chars = 12;

std::string new_api_key_text(RandomSource& random);
// Whether `text` has the form of a key: tells it from an access token in a Bearer header.
bool is_api_key_text(std::string_view text);

}  // namespace rb::core
