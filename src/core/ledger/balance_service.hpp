// The use cases of a customer's prepaid money. Thread-safe; holds no state.

#pragma once

#include "core/identity/actor.hpp"
#include "core/ledger/ledger_store.hpp"
#include "core/ports/clock.hpp"
#include "core/ports/id_source.hpp"
#include "core/unit_of_work.hpp"

#include <optional>
#include <string>

namespace rb::core {

class BalanceService {
public:
    BalanceService(Database& database, const Clock& clock, IdSource& ids)
        : database_(database), clock_(clock), ids_(ids) {}

    // ERRORS: not_found  no such customer, or he is not the actor's
    Result<Account> find(const Actor& actor, std::optional<CustomerId> customer);
    Result<Page<BalanceTransaction>> list(const Actor& actor, BalanceTransactionFilter filter,
                                          PageRequest page);
    // Staff: a signed correction. A repeat with the same idempotency key answers the first one.
    // ERRORS: not_found; invalid_argument  zero, or no reason; insufficient_funds;
    //         idempotency_conflict  the key was used for another adjustment of this customer
    Result<BalanceTransaction> adjust(const Actor& actor, CustomerId customer,
                                      const std::string& amount, std::string reason,
                                      const std::optional<std::string>& idempotency_key = {});

private:
    Database& database_;
    const Clock& clock_;
    IdSource& ids_;
};

}  // namespace rb::core
