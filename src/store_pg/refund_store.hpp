// Every statement that touches refunds. The contract is the port's
// (core/payment/payment_store.hpp).

#pragma once

#include "core/payment/payment_store.hpp"

#include "store_pg/transaction.hpp"

namespace rb::store_pg {

class PgRefundStore final : public core::RefundStore {
public:
    // REQUIRES: the transaction outlives the store
    explicit PgRefundStore(Transaction& transaction) : transaction_(transaction) {}

    Result<> insert(const core::Refund& refund) override;
    Result<std::optional<core::Refund>> find(core::RefundId id) override;
    Result<std::optional<core::Refund>> find_for_update(core::RefundId id) override;
    Result<std::optional<core::Refund>> find_by_key(std::string_view key) override;
    Result<> save(const core::Refund& refund) override;

private:
    Transaction& transaction_;
};

}  // namespace rb::store_pg
