// Every statement that touches events, the outbox. The contract is the port's
// (core/event/event_store.hpp).

#pragma once

#include "core/event/event_store.hpp"

#include "store_pg/transaction.hpp"

namespace rb::store_pg {

class PgEventStore final : public core::EventStore {
public:
    // REQUIRES: the transaction outlives the store
    explicit PgEventStore(Transaction& transaction) : transaction_(transaction) {}

    Result<> enqueue(const core::Event& event) override;
    Result<std::vector<core::Event>> lease(std::string_view worker,
                                           const std::vector<core::EventKind>& kinds,
                                           core::Timestamp now, std::chrono::seconds duration,
                                           int limit) override;
    Result<bool> renew_lease(core::EventId id, std::string_view worker,
                             core::Timestamp until) override;
    Result<int> release_leases_of(const std::vector<core::NodeId>& nodes) override;
    Result<bool> finish(core::EventId id, std::string_view worker) override;
    Result<bool> postpone(core::EventId id, std::string_view worker, core::Timestamp run_at,
                          std::string_view error, Counts counts) override;
    Result<bool> bury(core::EventId id, std::string_view worker, std::string_view error) override;
    Result<std::optional<core::Event>> replay(core::EventId id, core::Timestamp now) override;
    Result<bool> is_outstanding(core::EventKind kind, Uuid subject) override;
    Result<core::Page<core::Event>> list_dead(core::PageRequest page) override;
    Result<Backlog> backlog(core::Timestamp now) override;

private:
    Result<bool> touched(const Statement& statement, Parameters parameters);

    Transaction& transaction_;
};

}  // namespace rb::store_pg
