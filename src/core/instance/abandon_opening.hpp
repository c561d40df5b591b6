// Ends the instance of an order that will not be opened after all: it was refused, it took too
// long, or somebody cancelled it meanwhile. What the provider made of it, or still makes, is found
// by its key and ended by the reconciler, so nothing is orphaned.

#pragma once

#include "base/result.hpp"

#include "core/ids.hpp"
#include "core/ports/clock.hpp"
#include "core/ports/id_source.hpp"
#include "core/unit_of_work.hpp"

#include <string>

namespace rb::core {

// Nothing to end is no error. REQUIRES: the order is locked in this unit
Result<> abandon_opening(UnitOfWork& unit, IdSource& ids, OrderId order, std::string reason,
                         Timestamp now);

}  // namespace rb::core
