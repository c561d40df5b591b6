// Categories and groups: the shelves of the catalogue. Thread-safe. Reads are for everybody; every
// change is in the operation log of the same commit.

#pragma once

#include "base/result.hpp"

#include "core/catalogue/catalogue.hpp"
#include "core/catalogue/catalogue_store.hpp"
#include "core/identity/actor.hpp"
#include "core/ports/clock.hpp"
#include "core/ports/id_source.hpp"

#include <string>

namespace rb::core {

class Database;

struct CategoryFields {
    std::string name;
    std::string description = {};
    std::int32_t sort_order = 0;
};

// ERRORS of create and update: invalid_argument  name, description
//                              already_exists    name is taken
//        of get, update, remove: not_found
//        of remove: failed_precondition  groups stand in it
class CategoryService {
public:
    CategoryService(Database& database, const Clock& clock, IdSource& ids)
        : database_(database), clock_(clock), ids_(ids) {}

    Result<Page<Category>> list(PageRequest page);
    Result<Category> get(CategoryId id);
    Result<Category> create(const Actor& actor, const CategoryFields& fields);
    // Replaces all fields.
    Result<Category> update(const Actor& actor, CategoryId id, const CategoryFields& fields);
    Result<> remove(const Actor& actor, CategoryId id);

private:
    Database& database_;
    const Clock& clock_;
    IdSource& ids_;
};

}  // namespace rb::core
