// core::UserStore: the tables users and memberships.

#pragma once

#include "core/identity/user_store.hpp"

#include "store_pg/transaction.hpp"

namespace rb::store_pg {

class PgUserStore final : public core::UserStore {
public:
    explicit PgUserStore(Transaction& transaction) : transaction_(transaction) {}

    Result<> insert(const core::User& user) override;
    Result<> add_membership(core::UserId user, core::CustomerId customer) override;
    Result<std::optional<core::User>> find(core::UserId id) override;
    Result<std::optional<core::User>> find_for_update(core::UserId id) override;
    Result<std::optional<core::User>> find_by_username(core::UserType type,
                                                       std::string_view name) override;
    Result<std::optional<core::User>> find_by_email(core::UserType type,
                                                    std::string_view email) override;
    Result<std::optional<core::CustomerId>> first_customer_of(core::UserId id) override;
    Result<> save_password(core::UserId id, std::string_view password_hash,
                           core::Timestamp at) override;
    Result<bool> has_any(core::UserType type) override;
    Result<core::Page<core::User>> list(const core::UserFilter& filter,
                                        core::PageRequest page) override;
    Result<std::vector<std::string>> emails_of_customer(core::CustomerId customer) override;

private:
    Transaction& transaction_;
};

}  // namespace rb::store_pg
