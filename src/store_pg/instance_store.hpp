// Every statement that touches instances. The contract is the port's
// (core/instance/instance_store.hpp).

#pragma once

#include "core/instance/instance_store.hpp"

#include "store_pg/transaction.hpp"

namespace rb::store_pg {

class PgInstanceStore final : public core::InstanceStore {
public:
    // REQUIRES: the transaction outlives the store
    explicit PgInstanceStore(Transaction& transaction) : transaction_(transaction) {}

    Result<> insert(const core::Instance& instance) override;
    Result<> save(const core::Instance& instance) override;
    Result<std::optional<core::Instance>> find(core::InstanceId id) override;
    Result<std::optional<core::Instance>> find_for_update(core::InstanceId id) override;
    Result<std::optional<core::Instance>> find_by_order(core::OrderId order) override;
    Result<core::Page<core::Instance>> list(const core::InstanceFilter& filter,
                                            core::PageRequest page) override;
    Result<std::vector<core::InstanceId>> take_due_for_check(core::Timestamp now,
                                                             core::Timestamp until,
                                                             std::uint32_t count) override;
    Result<std::vector<core::InstanceId>> list_due_for_renewal(core::Timestamp paid_by,
                                                               core::InstanceId after,
                                                               std::uint32_t count) override;
    Result<core::StoredDescription> find_description(core::InstanceId id) override;
    Result<> save_description(core::InstanceId id, const core::InstanceDescription& description,
                              core::Timestamp now) override;

private:
    Result<std::optional<core::Instance>> find_with(const Statement& statement, const Uuid& key);

    Transaction& transaction_;
};

}  // namespace rb::store_pg
