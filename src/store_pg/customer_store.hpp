// core::CustomerStore: the table customers, apart from the balance.

#pragma once

#include "core/customer/customer_store.hpp"

#include "store_pg/transaction.hpp"

namespace rb::store_pg {

class PgCustomerStore final : public core::CustomerStore {
public:
    explicit PgCustomerStore(Transaction& transaction) : transaction_(transaction) {}

    Result<> insert(const core::Customer& customer) override;
    Result<std::optional<core::Customer>> find(core::CustomerId id) override;
    Result<std::optional<core::Customer>> find_for_update(core::CustomerId id) override;
    Result<> save(const core::Customer& customer) override;
    Result<core::Page<core::Customer>> list(std::string_view search,
                                            core::PageRequest page) override;

private:
    Transaction& transaction_;
};

}  // namespace rb::store_pg
