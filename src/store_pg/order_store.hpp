// Every statement that touches orders and stock_reservations. The contract is the port's
// (core/order/order_store.hpp).

#pragma once

#include "core/order/order_store.hpp"

#include "store_pg/transaction.hpp"

namespace rb::store_pg {

class PgOrderStore final : public core::OrderStore {
public:
    // REQUIRES: the transaction outlives the store
    explicit PgOrderStore(Transaction& transaction) : transaction_(transaction) {}

    Result<bool> insert(const core::Order& order) override;
    Result<std::optional<core::Order>> find(core::OrderId id) override;
    Result<std::optional<core::Order>> find_for_update(core::OrderId id) override;
    core::Later<std::optional<core::Order>> find_for_update_later(core::OrderId id) override;
    Result<std::optional<core::Order>> find_by_key(core::CustomerId customer,
                                                   std::string_view key) override;
    Result<> save(const core::Order& order) override;
    Result<core::Page<core::Order>> list(const core::OrderFilter& filter,
                                         core::PageRequest page) override;
    Result<std::vector<core::OrderId>> list_expired(core::Timestamp now, int limit) override;
    Result<std::size_t> count_unpaid(core::CustomerId customer, core::ProductId product) override;
    Result<> reserve_stock(core::OrderId order, core::ProductId product,
                           core::Timestamp now) override;
    Result<> release_stock(core::OrderId order, core::Timestamp now) override;

private:
    Transaction& transaction_;
};

}  // namespace rb::store_pg
