// The port to API keys. Lifetime and threads as in user_store.hpp.

#pragma once

#include "base/result.hpp"

#include "core/api_key/api_key.hpp"

namespace rb::core {

class ApiKeyStore {
public:
    virtual ~ApiKeyStore() = default;

    virtual Result<> insert(const ApiKey& key) = 0;
    virtual Result<std::optional<ApiKey>> find(ApiKeyId id) = 0;
    // Newest first, revoked ones too; at most api_keys_listed_max, of which none that is valid at
    // `now` is left out for one that is not.
    virtual Result<std::vector<ApiKey>> list_of(CustomerId customer, Timestamp now) = 0;
    // Enabled ones that have not expired.
    virtual Result<std::size_t> count_valid(CustomerId customer, Timestamp now) = 0;
    virtual Result<> disable(ApiKeyId id) = 0;
    virtual Result<> touch(ApiKeyId id, Timestamp used_at) = 0;
};

namespace limits {
// Twice what a customer may hold, and the revoked ones of some years.
constexpr std::size_t api_keys_listed_max = 200;
}  // namespace limits

}  // namespace rb::core
