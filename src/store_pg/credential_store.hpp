// core::CredentialStore: one statement for each kind of credential.

#pragma once

#include "core/identity/credential_store.hpp"

#include "store_pg/transaction.hpp"

namespace rb::store_pg {

class PgCredentialStore final : public core::CredentialStore {
public:
    explicit PgCredentialStore(Transaction& transaction) : transaction_(transaction) {}

    Result<std::optional<core::SessionCredential>> find_session(
        const core::Digest& token_hash) override;
    Result<std::optional<core::FamilyCredential>> find_family(core::UserId user,
                                                              core::CustomerId customer,
                                                              Uuid family,
                                                              core::Timestamp now) override;
    Result<std::optional<core::ApiKeyCredential>> find_api_key(
        const core::Digest& key_hash) override;

private:
    Transaction& transaction_;
};

}  // namespace rb::store_pg
