// The port to customers, apart from their money. Calls act inside the UnitOfWork the store was
// taken from and must not outlive it.

#pragma once

#include "base/result.hpp"

#include "core/customer/customer.hpp"
#include "core/page.hpp"

#include <optional>
#include <string_view>

namespace rb::core {

class CustomerStore {
public:
    virtual ~CustomerStore() = default;

    // The balance begins at zero, whatever `customer` says.
    virtual Result<> insert(const Customer& customer) = 0;
    virtual Result<std::optional<Customer>> find(CustomerId id) = 0;
    // Locked until the unit ends.
    virtual Result<std::optional<Customer>> find_for_update(CustomerId id) = 0;
    // All but id, currency and balance.
    // ERRORS: failed_precondition  the credit limit is below what the customer owes (credit_limit)
    virtual Result<> save(const Customer& customer) = 0;
    // Newest first. `search` is found in name, contact, e-mail or phone, whatever the case; empty
    // finds all.
    virtual Result<Page<Customer>> list(std::string_view search, PageRequest page) = 0;
};

}  // namespace rb::core
