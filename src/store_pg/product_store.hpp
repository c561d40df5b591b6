// core::ProductStore: the table products; what is taken of a stock is counted from
// stock_reservations.

#pragma once

#include "core/catalogue/catalogue_store.hpp"

#include "store_pg/transaction.hpp"

namespace rb::store_pg {

class PgProductStore final : public core::ProductStore {
public:
    explicit PgProductStore(Transaction& transaction) : transaction_(transaction) {}

    Result<> insert(const core::Product& product) override;
    Result<> save(const core::Product& product) override;
    Result<std::optional<core::Product>> find(core::ProductId id) override;
    core::Later<std::optional<core::ProductOffer>> find_offer_later(core::ProductId id) override;
    Result<std::optional<core::Product>> find_for_update(core::ProductId id) override;
    Result<std::optional<core::Product>> find_imported_for_update(
        std::string_view provider_id, std::string_view upstream_product_id) override;
    Result<std::vector<core::Product>> list_imported(std::string_view provider_id) override;
    Result<core::Page<core::Product>> list(const core::ProductFilter& filter,
                                           core::PageRequest page) override;
    Result<> remove(core::ProductId id) override;

private:
    Transaction& transaction_;
};

}  // namespace rb::store_pg
