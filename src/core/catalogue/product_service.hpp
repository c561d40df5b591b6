// Products. Thread-safe. Reads are for everybody, but whoever is not staff sees active ones only;
// every change is in the operation log of the same commit.

#pragma once

#include "base/result.hpp"

#include "core/catalogue/catalogue.hpp"
#include "core/catalogue/catalogue_store.hpp"
#include "core/identity/actor.hpp"
#include "core/ports/clock.hpp"
#include "core/ports/id_source.hpp"

#include <map>
#include <optional>
#include <string>

namespace rb::core {

class Database;

using TextMap = std::map<std::string, std::string>;

struct NewProduct {
    std::string name;
    std::string description = {};
    // Decimal text. May be empty when billing_cycles has a monthly price, or one price only.
    std::string price = {};
    std::string provider_id = {};
    std::optional<GroupId> group = {};
    TextMap specs = {};
    // Cycle to decimal text.
    TextMap billing_cycles = {};
    // Empty means CNY.
    std::string currency = {};
    bool active = true;
    // Nothing or negative: no limit.
    std::optional<std::int64_t> stock = {};
    std::uint32_t sort_order = 0;
};

// What is absent keeps its value.
struct ProductChange {
    std::optional<std::string> name = {};
    std::optional<std::string> description = {};
    std::optional<std::string> price = {};
    std::optional<std::string> provider_id = {};
    // An empty text takes it out of its group.
    std::optional<std::string> group_id = {};
    std::optional<TextMap> specs = {};
    std::optional<TextMap> billing_cycles = {};
    std::optional<bool> active = {};
    // Negative: no limit.
    std::optional<std::int64_t> stock = {};
    std::optional<std::uint32_t> sort_order = {};
};

struct ProductQuery {
    std::string provider_id = {};
    std::string region = {};
    std::optional<bool> is_active = {};
    std::string search = {};
    std::optional<GroupId> group = {};
};

// ERRORS of create and update: invalid_argument     the field that breaks its rule
//                              failed_precondition  group_id: there is no such group
//        of get, update, remove: not_found
//        of remove: failed_precondition  orders refer to it: deactivate it instead
class ProductService {
public:
    ProductService(Database& database, const Clock& clock, IdSource& ids)
        : database_(database), clock_(clock), ids_(ids) {}

    // ERRORS: invalid_argument  search is too long
    Result<Page<Product>> list(const Actor& actor, const ProductQuery& query, PageRequest page);
    // An inactive product does not exist for whoever is not staff.
    Result<Product> get(const Actor& actor, ProductId id);
    Result<Product> create(const Actor& actor, const NewProduct& request);
    Result<Product> update(const Actor& actor, ProductId id, const ProductChange& change);
    Result<> remove(const Actor& actor, ProductId id);

private:
    Database& database_;
    const Clock& clock_;
    IdSource& ids_;
};

}  // namespace rb::core
