// Groups of products. Thread-safe. Reads are for everybody; every change is in the operation log of
// the same commit.

#pragma once

#include "base/result.hpp"

#include "core/catalogue/catalogue.hpp"
#include "core/catalogue/catalogue_store.hpp"
#include "core/identity/actor.hpp"
#include "core/ports/clock.hpp"
#include "core/ports/id_source.hpp"

#include <optional>
#include <string>

namespace rb::core {

class Database;

struct GroupFields {
    std::string name;
    std::string description = {};
    std::uint32_t sort_order = 0;
    // Nothing: it stands in no category.
    std::optional<CategoryId> category = {};
};

// ERRORS of create and update: invalid_argument     name, description, sort_order
//                              failed_precondition  category_id: there is no such category
//                              already_exists       name is taken in that category
//        of get, update, remove: not_found
//        of remove: failed_precondition  products stand in it
class GroupService {
public:
    GroupService(Database& database, const Clock& clock, IdSource& ids)
        : database_(database), clock_(clock), ids_(ids) {}

    // Only staff has products counted that are not active.
    Result<Page<Group>> list(const Actor& actor, std::optional<CategoryId> category,
                             PageRequest page);
    Result<Group> get(const Actor& actor, GroupId id);
    Result<Group> create(const Actor& actor, const GroupFields& fields);
    // Replaces all fields.
    Result<Group> update(const Actor& actor, GroupId id, const GroupFields& fields);
    Result<> remove(const Actor& actor, GroupId id);

private:
    Database& database_;
    const Clock& clock_;
    IdSource& ids_;
};

}  // namespace rb::core
