// The two ends of an opening: the server stands and its money is earned, or all is given back.

#pragma once

#include "base/result.hpp"

#include "core/order/order.hpp"
#include "core/ports/id_source.hpp"
#include "core/unit_of_work.hpp"

#include <string>

namespace rb::core {

// The provider has confirmed: provisioning becomes active, deferred money becomes revenue.
// REQUIRES: the order was read with find_for_update in this unit and is provisioning
Result<> activate_order(UnitOfWork& unit, IdSource& ids, Order& order, Timestamp now);

// Ends an order that has no server: what was paid goes back to the balance in full, the stock it
// held is free.
// REQUIRES: the order was read with find_for_update in this unit and is pending, paid or
//           provisioning; its instance, if there is one, was given up (abandon_opening.hpp)
Result<> cancel_and_refund(UnitOfWork& unit, IdSource& ids, Order& order, std::string reason,
                           Timestamp now);

// Locks what end_refunded will change, in the order of payment/bookkeeping.hpp: called before the
// money is given back, which locks the customer's account. A customer who pays a renewal at that
// moment waits, or is waited for.
// REQUIRES: the order is locked in this unit, and the account is not
Result<> lock_server_of(UnitOfWork& unit, OrderId order);

// Once all its money was given back: the order is `refunded`, its server shall end, its stock is
// free. Does nothing while some is left. Saves the order.
// REQUIRES: the order was read with find_for_update in this unit, and lock_server_of was called
//           where the account is locked
Result<> end_refunded(UnitOfWork& unit, IdSource& ids, Order& order, Timestamp now);

}  // namespace rb::core
