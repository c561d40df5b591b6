// core::SessionStore, RefreshTokenStore and VerificationCodeStore: the tables of those names.

#pragma once

#include "core/identity/session_store.hpp"

#include "store_pg/transaction.hpp"

namespace rb::store_pg {

class PgSessionStore final : public core::SessionStore {
public:
    explicit PgSessionStore(Transaction& transaction) : transaction_(transaction) {}

    Result<> insert(const core::Session& session) override;
    Result<> touch(core::SessionId id, core::Timestamp seen_at) override;
    Result<bool> is_open(core::SessionId id) override;
    Result<std::vector<core::Digest>> revoke(core::SessionId id, core::Timestamp at) override;
    Result<std::vector<core::Digest>> revoke_all_of(core::UserId user, core::SessionId kept,
                                                    core::Timestamp at) override;
    Result<int> remove_ended(core::Timestamp before, int limit) override;

private:
    Transaction& transaction_;
};

class PgRefreshTokenStore final : public core::RefreshTokenStore {
public:
    explicit PgRefreshTokenStore(Transaction& transaction) : transaction_(transaction) {}

    Result<> insert(const core::RefreshToken& token) override;
    Result<std::optional<core::RefreshToken>> find_by_token_hash(
        const core::Digest& token_hash) override;
    Result<> mark_used(Uuid id, core::Timestamp at) override;
    Result<bool> is_family_open(Uuid family) override;
    Result<> revoke_family(Uuid family, core::Timestamp at) override;
    Result<> revoke_all_of(core::UserId user, Uuid kept, core::Timestamp at) override;
    Result<int> remove_ended_families(core::Timestamp before, int limit) override;

private:
    Transaction& transaction_;
};

class PgVerificationCodeStore final : public core::VerificationCodeStore {
public:
    explicit PgVerificationCodeStore(Transaction& transaction) : transaction_(transaction) {}

    Result<> insert(const core::VerificationCode& code) override;
    Result<std::optional<core::VerificationCode>> find(Uuid id) override;
    Result<std::optional<core::VerificationCode>> find_newest_for_update(
        std::string_view email, core::VerificationPurpose purpose) override;
    Result<> count_attempt(Uuid id) override;
    Result<> consume(Uuid id, core::Timestamp at) override;
    Result<int> remove_expired(core::Timestamp before, int limit) override;

private:
    Transaction& transaction_;
};

}  // namespace rb::store_pg
