// Every statement that touches gateway_callbacks, the flight recorder. The contract is the port's
// (core/payment/payment_store.hpp).

#pragma once

#include "core/payment/payment_store.hpp"

#include "store_pg/transaction.hpp"

namespace rb::store_pg {

class PgCallbackStore final : public core::CallbackStore {
public:
    // REQUIRES: the transaction outlives the store
    explicit PgCallbackStore(Transaction& transaction) : transaction_(transaction) {}

    Result<> insert(const core::StoredCallback& callback) override;
    Result<bool> insert_within(const core::StoredCallback& callback, core::Timestamp since,
                               int unverified_max) override;
    Result<bool> note_flood(std::string_view gateway_id, core::Timestamp now,
                            core::Timestamp since) override;
    Result<std::optional<core::StoredCallback>> find(core::CallbackId id) override;
    Result<> save_outcome(const core::StoredCallback& callback, core::Timestamp now) override;
    Result<core::Page<core::StoredCallback>> list(const core::CallbackFilter& filter,
                                                  core::PageRequest page) override;
    Result<> remove_repeat(const core::StoredCallback& callback, int kept_max) override;
    Result<int> remove_rejected(core::Timestamp before, int limit) override;

private:
    Transaction& transaction_;
};

}  // namespace rb::store_pg
