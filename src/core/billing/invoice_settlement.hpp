// What happens to an invoice when money for it has come, whichever way it came.
//
// The caller has moved the money in the same unit; this marks the invoice paid, grants the period
// it renews and lifts a suspension that was made because it was overdue.

#pragma once

#include "base/result.hpp"

#include "core/ids.hpp"
#include "core/money/money.hpp"
#include "core/ports/clock.hpp"

namespace rb::core {

class UnitOfWork;

class InvoiceSettlement {
public:
    virtual ~InvoiceSettlement() = default;

    // Locks the invoice, then its instance.
    // ERRORS: not_found            there is no such invoice
    //         already_exists       it is paid already
    //         failed_precondition  it is cancelled or a draft
    //         amount_mismatch      `amount` is not what it asks for
    // On the last three nothing was written and the unit may go on: the money belongs on the
    // customer's balance then.
    virtual Result<> settle(UnitOfWork& unit, InvoiceId invoice, Money amount, Timestamp when) = 0;
};

}  // namespace rb::core
