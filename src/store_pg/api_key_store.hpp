// core::ApiKeyStore: the table api_keys.

#pragma once

#include "core/api_key/api_key_store.hpp"

#include "store_pg/transaction.hpp"

namespace rb::store_pg {

// Shared with credential_store, which joins the table (as `k`).
inline constexpr char api_key_columns[] =
    "k.id, k.customer_id, k.created_by, k.name, k.key_prefix, k.key_hash, k.scopes, k.enabled, "
    "k.created_at, k.last_used_at, k.expires_at";
inline constexpr int api_key_column_count = 11;
core::ApiKey api_key_from(const Row& row);

class PgApiKeyStore final : public core::ApiKeyStore {
public:
    explicit PgApiKeyStore(Transaction& transaction) : transaction_(transaction) {}

    Result<> insert(const core::ApiKey& key) override;
    Result<std::optional<core::ApiKey>> find(core::ApiKeyId id) override;
    Result<std::vector<core::ApiKey>> list_of(core::CustomerId customer,
                                              core::Timestamp now) override;
    Result<std::size_t> count_valid(core::CustomerId customer, core::Timestamp now) override;
    Result<> disable(core::ApiKeyId id) override;
    Result<> touch(core::ApiKeyId id, core::Timestamp used_at) override;

private:
    Transaction& transaction_;
};

}  // namespace rb::store_pg
