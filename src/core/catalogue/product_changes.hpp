// What the operation log keeps of a change to a product.

#pragma once

#include "core/catalogue/catalogue.hpp"
#include "core/operation_log/operation_log.hpp"
#include "core/ports/id_source.hpp"

#include <string>

namespace rb::core {

// The fields that differ, as text for people.
Changes changes_between(const Product& before, const Product& after);

// `action` is what was done: "product.update".
Operation product_operation(IdSource& ids, const Actor& actor, ProductId id, std::string action,
                            Changes changes, Timestamp now);

}  // namespace rb::core
