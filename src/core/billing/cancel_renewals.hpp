// What becomes of the bills of a server that ends.

#pragma once

#include "base/result.hpp"

#include "core/operation_log/operation_log.hpp"
#include "core/ports/id_source.hpp"
#include "core/unit_of_work.hpp"

namespace rb::core {

// Cancels the open invoices of the instance's renewals: nobody shall be dunned for a period that
// will not be served. A payment for one that is on its way goes to the customer's balance when it
// arrives. Writes each to the operation log, under `by`.
//
// Called twice by whoever ends an instance, in the same unit: before the instance is locked,
// because invoices are locked before their instances everywhere; and after its end was decided, for
// a renewal that was issued in between.
Result<> cancel_open_renewals(UnitOfWork& unit, IdSource& ids, InstanceId instance,
                              const ActorStamp& by, Timestamp now);

}  // namespace rb::core
