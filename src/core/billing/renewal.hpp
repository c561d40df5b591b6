// A renewal: one period of one server, paid by one invoice. Callback, clock and administrator all
// find the same row, because (instance, period_start) is its key.

#pragma once

#include "core/ids.hpp"
#include "core/money/money.hpp"
#include "core/ports/clock.hpp"

#include <optional>

namespace rb::core {

struct Renewal {
    InstanceId instance;
    Timestamp period_start;
    Timestamp period_end;
    CustomerId customer;
    InvoiceId invoice;
    Money amount;
    // When the period was granted; empty while the invoice is unpaid.
    std::optional<Timestamp> applied_at = {};
};

}  // namespace rb::core
