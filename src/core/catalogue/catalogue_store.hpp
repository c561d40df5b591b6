// The ports to categories, groups and products. Calls act inside the UnitOfWork the store was taken
// from and must not outlive it.

#pragma once

#include "base/result.hpp"

#include "core/catalogue/catalogue.hpp"
#include "core/later.hpp"
#include "core/page.hpp"
#include "core/plugin/plugin_interface.hpp"

namespace rb::core {

class CategoryStore {
public:
    virtual ~CategoryStore() = default;

    // ERRORS (insert, save): already_exists  name is taken
    virtual Result<> insert(const Category& category) = 0;
    virtual Result<> save(const Category& category) = 0;
    virtual Result<std::optional<Category>> find(CategoryId id) = 0;
    // By sort_order, then name.
    virtual Result<Page<Category>> list(PageRequest page) = 0;
    // ERRORS: failed_precondition  groups stand in it
    virtual Result<> remove(CategoryId id) = 0;
};

// Which products product_count counts.
struct GroupCounting {
    bool active_products_only = true;
};

struct GroupFilter {
    std::optional<CategoryId> category = {};
    bool active_products_only = true;
};

class GroupStore {
public:
    virtual ~GroupStore() = default;

    // ERRORS (insert, save): already_exists       name is taken within the category
    //                        failed_precondition  the category does not exist (category_id)
    virtual Result<> insert(const Group& group) = 0;
    virtual Result<> save(const Group& group) = 0;
    virtual Result<std::optional<Group>> find(GroupId id, GroupCounting counting) = 0;
    virtual Result<Page<Group>> list(const GroupFilter& filter, PageRequest page) = 0;
    // ERRORS: failed_precondition  products stand in it
    virtual Result<> remove(GroupId id) = 0;
};

struct ProductFilter {
    std::optional<bool> active = {};
    std::optional<GroupId> group = {};
    std::optional<std::string> provider_id = {};
    // The value of the spec `region`.
    std::optional<std::string> region = {};
    // Found in name or description, whatever the case.
    std::optional<std::string> search = {};
};

// A product and which version of its provider's interface there is now; nothing when that interface
// is gone.
struct ProductOffer {
    Product product;
    std::optional<InterfaceVersion> provider = {};
};

class ProductStore {
public:
    virtual ~ProductStore() = default;

    // ERRORS (insert, save): failed_precondition  the group does not exist (group_id)
    //                        already_exists       another product is that product of that upstream
    virtual Result<> insert(const Product& product) = 0;
    virtual Result<> save(const Product& product) = 0;
    // `available` is counted in the same statement.
    virtual Result<std::optional<Product>> find(ProductId id) = 0;
    virtual Later<std::optional<ProductOffer>> find_offer_later(ProductId id) = 0;
    // Locked until the unit ends: two orders cannot both take the last of the stock.
    virtual Result<std::optional<Product>> find_for_update(ProductId id) = 0;
    // What was imported as that product of that upstream; locked as find_for_update does.
    virtual Result<std::optional<Product>> find_imported_for_update(
        std::string_view provider_id, std::string_view upstream_product_id) = 0;
    // All that was imported from that upstream, by id.
    virtual Result<std::vector<Product>> list_imported(std::string_view provider_id) = 0;
    // By sort_order, then name.
    virtual Result<Page<Product>> list(const ProductFilter& filter, PageRequest page) = 0;
    // ERRORS: failed_precondition  orders refer to it
    virtual Result<> remove(ProductId id) = 0;
};

}  // namespace rb::core
