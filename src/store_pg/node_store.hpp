// Every statement that touches server_instances and leader_role (the migration runner takes its own
// role itself). The contract is the ports' (core/node/node_store.hpp).

#pragma once

#include "core/node/node_store.hpp"

#include "store_pg/transaction.hpp"

namespace rb::store_pg {

class PgNodeStore final : public core::NodeStore {
public:
    // REQUIRES: the transaction outlives the store
    explicit PgNodeStore(Transaction& transaction) : transaction_(transaction) {}

    Result<> beat(const core::Node& node) override;
    Result<> remove(core::NodeId id) override;
    Result<std::vector<core::Node>> list() override;
    Result<std::vector<core::NodeId>> remove_silent(std::chrono::seconds silence) override;

private:
    Transaction& transaction_;
};

class PgLeaseStore final : public core::LeaseStore {
public:
    // REQUIRES: the transaction outlives the store
    explicit PgLeaseStore(Transaction& transaction) : transaction_(transaction) {}

    Result<std::optional<std::int64_t>> take(core::LeaderRole role, core::NodeId node,
                                             core::Timestamp now,
                                             std::chrono::seconds duration) override;
    Result<bool> holds(core::LeaderRole role, core::NodeId node, std::int64_t term,
                       core::Timestamp now) override;
    Result<> release(core::LeaderRole role, core::NodeId node) override;

private:
    Transaction& transaction_;
};

}  // namespace rb::store_pg
