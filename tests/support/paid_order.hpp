// A customer with money, a product, and an order he has paid from his balance: where provisioning
// and billing begin. Written as rows, so that tests of those do not stand on the services before
// them; the books balance.

#pragma once

#include "core/ids.hpp"
#include "core/money/money.hpp"

#include "support/test_database.hpp"
#include "support/twins.hpp"

#include <string>

namespace rb::test {

struct PaidOrderOptions {
    std::string provider_id = "scripted";
    std::string billing_cycle = "monthly";
    core::Money price{2900, core::Currency::cny()};
    // What is on the balance after the order was paid.
    core::Money balance_left{10000, core::Currency::cny()};
};

struct PaidOrder {
    core::CustomerId customer;
    core::ProductId product;
    core::OrderId order;
    core::PaymentId payment;
};

PaidOrder insert_paid_order(TestDatabase& db, core::IdSource& ids, core::Timestamp now,
                            const PaidOrderOptions& options = {});

}  // namespace rb::test
