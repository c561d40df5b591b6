// core::CategoryStore and core::GroupStore: the tables product_categories and product_groups.

#pragma once

#include "core/catalogue/catalogue_store.hpp"

#include "store_pg/transaction.hpp"

namespace rb::store_pg {

class PgCategoryStore final : public core::CategoryStore {
public:
    explicit PgCategoryStore(Transaction& transaction) : transaction_(transaction) {}

    Result<> insert(const core::Category& category) override;
    Result<> save(const core::Category& category) override;
    Result<std::optional<core::Category>> find(core::CategoryId id) override;
    Result<core::Page<core::Category>> list(core::PageRequest page) override;
    Result<> remove(core::CategoryId id) override;

private:
    Transaction& transaction_;
};

class PgGroupStore final : public core::GroupStore {
public:
    explicit PgGroupStore(Transaction& transaction) : transaction_(transaction) {}

    Result<> insert(const core::Group& group) override;
    Result<> save(const core::Group& group) override;
    Result<std::optional<core::Group>> find(core::GroupId id,
                                            core::GroupCounting counting) override;
    Result<core::Page<core::Group>> list(const core::GroupFilter& filter,
                                         core::PageRequest page) override;
    Result<> remove(core::GroupId id) override;

private:
    Transaction& transaction_;
};

// A foreign key that refused: the same SQLSTATE for a parent that is missing and for one that still
// has children, so the caller says which it was.
Result<> reworded(Result<Rows> outcome, std::string field, std::string message);

}  // namespace rb::store_pg
