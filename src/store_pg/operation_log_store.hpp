// core::OperationLogStore: the table operation_logs, which the database keeps append-only.

#pragma once

#include "core/operation_log/operation_log.hpp"

#include "store_pg/transaction.hpp"

namespace rb::store_pg {

class PgOperationLogStore final : public core::OperationLogStore {
public:
    explicit PgOperationLogStore(Transaction& transaction) : transaction_(transaction) {}

    Result<> append(const core::Operation& operation) override;
    Result<core::Page<core::Operation>> list(const core::OperationFilter& filter,
                                             core::PageRequest page) override;

private:
    Transaction& transaction_;
};

}  // namespace rb::store_pg
