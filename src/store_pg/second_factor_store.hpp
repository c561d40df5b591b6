// core::SecondFactorStore: the tables user_totp_secrets, user_passkeys, user_recovery_codes,
// user_wrong_codes, spent_passkey_challenges and sign_in_policy.

#pragma once

#include "core/second_factor/second_factor_store.hpp"

#include "store_pg/transaction.hpp"

namespace rb::store_pg {

class PgSecondFactorStore final : public core::SecondFactorStore {
public:
    explicit PgSecondFactorStore(Transaction& transaction) : transaction_(transaction) {}

    Result<core::SecondFactors> find(core::UserId user) override;
    Result<> remove_all(core::UserId user) override;

    Result<> insert_totp(core::UserId user, const core::Totp& totp) override;
    Result<> save_totp_step(core::UserId user, std::int64_t step) override;
    Result<> remove_totp(core::UserId user) override;

    Result<> insert_passkey(const core::Passkey& passkey) override;
    Result<std::optional<core::Passkey>> find_passkey(std::string_view credential_id) override;
    Result<std::vector<core::Passkey>> passkeys_of(core::UserId user) override;
    Result<> save_passkey_use(core::PasskeyId id, std::uint32_t sign_count,
                              core::Timestamp at) override;
    Result<> remove_passkey(core::PasskeyId id) override;

    Result<> replace_recovery_codes(core::UserId user,
                                    const std::vector<core::Digest>& hashes) override;
    Result<bool> spend_recovery_code(core::UserId user, const core::Digest& hash) override;

    Result<std::optional<core::WrongCodes>> wrong_codes_of(core::UserId user) override;
    Result<> save_wrong_codes(core::UserId user, const core::WrongCodes& wrong) override;
    Result<> forget_wrong_codes(core::UserId user) override;

    Result<bool> spend_challenge(const core::Digest& hash, core::Timestamp expires_at) override;
    Result<int> remove_expired_challenges(core::Timestamp before, int limit) override;

    Result<bool> is_required_of_admins() override;
    Result<> require_of_admins(bool is_required) override;

private:
    Transaction& transaction_;
};

}  // namespace rb::store_pg
