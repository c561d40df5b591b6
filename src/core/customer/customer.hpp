// A customer: who owns orders, servers and money.

#pragma once

#include "core/ids.hpp"
#include "core/money/money.hpp"
#include "core/ports/clock.hpp"

#include <string>

namespace rb::core {

struct Customer {
    CustomerId id;
    std::string name;
    std::string contact = {};
    std::string email = {};
    std::string phone = {};
    Currency currency = Currency::cny();
    // Read only here: money moves through the ledger alone.
    Money balance = Money::zero(Currency::cny());
    // How far the balance may go below zero.
    Money credit_limit = Money::zero(Currency::cny());
    bool can_create_api_keys = false;
    bool is_active = true;
    Timestamp created_at = {};
    Timestamp updated_at = {};
};

}  // namespace rb::core
