// Customers as administrators keep them. Thread-safe. Every change is in the operation log of the
// same commit.

#pragma once

#include "base/result.hpp"

#include "core/customer/customer.hpp"
#include "core/identity/actor.hpp"
#include "core/page.hpp"
#include "core/ports/clock.hpp"
#include "core/ports/id_source.hpp"

#include <optional>
#include <string>

namespace rb::core {

class Database;

namespace limits {
constexpr std::size_t customer_name_chars_max = 200;
constexpr std::size_t customer_contact_chars_max = 200;
constexpr std::size_t customer_phone_chars_max = 50;
}  // namespace limits

struct NewCustomer {
    std::string name;
    std::string contact = {};
    std::string email = {};
    std::string phone = {};
    // Decimal text; empty means 0.00.
    std::string credit_limit = {};
    // Empty means CNY.
    std::string currency = {};
};

struct CustomerChange {
    std::optional<std::string> name = {};
    std::optional<std::string> contact = {};
    std::optional<std::string> email = {};
    std::optional<std::string> phone = {};
    std::optional<std::string> credit_limit = {};
    std::optional<bool> can_create_api_keys = {};
    std::optional<bool> is_active = {};
};

class CustomerService {
public:
    CustomerService(Database& database, const Clock& clock, IdSource& ids)
        : database_(database), clock_(clock), ids_(ids) {}

    // ERRORS: invalid_argument  search is too long
    Result<Page<Customer>> list(std::string_view search, PageRequest page);
    // ERRORS: not_found
    Result<Customer> get(const Actor& actor, CustomerId id);
    // ERRORS: invalid_argument  the field that breaks its rule
    Result<Customer> create(const Actor& actor, const NewCustomer& request);
    // ERRORS: invalid_argument     the field that breaks its rule
    //         failed_precondition  credit_limit would be below what the customer owes
    //         not_found
    Result<Customer> update(const Actor& actor, CustomerId id, const CustomerChange& change);

private:
    Database& database_;
    const Clock& clock_;
    IdSource& ids_;
};

}  // namespace rb::core
