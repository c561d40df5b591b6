#include "store_pg/pg_database.hpp"

namespace rb::store_pg {

Result<> PgUnitOfWork::commit(std::string_view point) {
    faults_.reached("before:" + std::string(point));
    TRY(transaction_.commit());
    if (transaction_.makes_work()) announcer_.announce();
    faults_.reached("after:" + std::string(point));
    return {};
}

Result<std::unique_ptr<core::UnitOfWork>> PgDatabase::begin() {
    auto lease = TRY(pool_.acquire());
    return std::unique_ptr<core::UnitOfWork>(std::make_unique<PgUnitOfWork>(
        std::move(lease), faults_, announcer_, Isolation::transaction));
}

Result<std::unique_ptr<core::UnitOfWork>> PgDatabase::read() {
    auto lease = TRY(pool_.acquire());
    return std::unique_ptr<core::UnitOfWork>(std::make_unique<PgUnitOfWork>(
        std::move(lease), faults_, announcer_, Isolation::single_reads));
}

}  // namespace rb::store_pg
