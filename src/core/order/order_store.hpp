// The port to orders and the stock they hold. Calls act inside the UnitOfWork the store was taken
// from and must not outlive it.

#pragma once

#include "base/result.hpp"

#include "core/later.hpp"
#include "core/order/order.hpp"
#include "core/page.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rb::core {

struct OrderFilter {
    std::optional<CustomerId> customer = {};
    std::optional<OrderStatus> status = {};
    std::optional<std::string> provider_id = {};
    // Found in the product's name or the notes, or the beginning of the id; whatever the case.
    std::optional<std::string> search = {};
};

class OrderStore {
public:
    virtual ~OrderStore() = default;

    // False when the customer has an order of the same idempotency key: nothing was inserted.
    virtual Result<bool> insert(const Order& order) = 0;
    virtual Result<std::optional<Order>> find(OrderId id) = 0;
    // Locked until the unit ends. Its read-only fields are not filled in.
    virtual Result<std::optional<Order>> find_for_update(OrderId id) = 0;
    virtual Later<std::optional<Order>> find_for_update_later(OrderId id) = 0;
    virtual Result<std::optional<Order>> find_by_key(CustomerId customer, std::string_view key) = 0;
    // Status, reason, refunded amount, gateway and times. REQUIRES: read with find_for_update
    // ERRORS: illegal_transition  at the latest at commit
    virtual Result<> save(const Order& order) = 0;
    // Newest first.
    virtual Result<Page<Order>> list(const OrderFilter& filter, PageRequest page) = 0;
    // Unpaid ones whose time is over, oldest first.
    virtual Result<std::vector<OrderId>> list_expired(Timestamp now, int limit) = 0;

    // The customer's unpaid orders of the product.
    virtual Result<std::size_t> count_unpaid(CustomerId customer, ProductId product) = 0;

    // Holds one piece of the product for the order until released. REQUIRES: the product is locked
    // and one is available
    virtual Result<> reserve_stock(OrderId order, ProductId product, Timestamp now) = 0;
    // Nothing to release is no error.
    virtual Result<> release_stock(OrderId order, Timestamp now) = 0;
};

}  // namespace rb::core
