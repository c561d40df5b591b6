// Calendar arithmetic of paid periods, in UTC.
//
// Periods are counted from the anchor, the moment the provider confirmed the server, never from the
// last due date: a server of 31 January renews on 28 February, 31 March, 30 April. Counting from
// the last date would lose those days for ever.

#pragma once

#include "core/catalogue/billing_cycle.hpp"
#include "core/ports/clock.hpp"

namespace rb::core {

// The end of the period that begins at `start`: the first boundary anchor + n cycles after it.
// REQUIRES: cycle is not one_time, start >= anchor
Timestamp period_end_after(Timestamp anchor, Timestamp start, BillingCycle cycle);

// `anchor` moved by whole months; a day that the month does not have becomes its last day.
Timestamp add_months(Timestamp anchor, int months);

}  // namespace rb::core
