// Every statement that touches provider_orphans. The contract is the port's
// (core/instance/orphan_store.hpp).

#pragma once

#include "core/instance/orphan_store.hpp"

#include "store_pg/transaction.hpp"

namespace rb::store_pg {

class PgOrphanStore final : public core::OrphanStore {
public:
    // REQUIRES: the transaction outlives the store
    explicit PgOrphanStore(Transaction& transaction) : transaction_(transaction) {}

    Result<> note_unknown(std::string_view provider_id,
                          const std::vector<core::InstanceView>& views,
                          core::Timestamp now) override;
    Result<> forget_unseen_since(std::string_view provider_id, core::Timestamp since) override;
    Result<> forget_all_but(const std::vector<std::string>& provider_ids) override;
    Result<std::vector<core::Orphan>> take_untold(std::string_view provider_id,
                                                  core::Timestamp seen_by,
                                                  core::Timestamp now) override;
    Result<core::Page<core::Orphan>> list(core::Timestamp seen_by, core::PageRequest page) override;

private:
    Transaction& transaction_;
};

}  // namespace rb::store_pg
