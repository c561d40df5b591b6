// An order: what a customer asked for at the price of that moment, and how far it has come.

#pragma once

#include "core/catalogue/billing_cycle.hpp"
#include "core/ids.hpp"
#include "core/money/money.hpp"
#include "core/plugin/plugin_call.hpp"
#include "core/ports/clock.hpp"
#include "core/transition_table.hpp"

#include <optional>
#include <string>

namespace rb::core {

enum class OrderStatus {
    pending,
    paid,
    provisioning,
    active,
    suspended,
    cancelled,
    refunded,
    completed,
    terminated,
};

template <>
struct EnumNames<OrderStatus> {
    static constexpr std::array<std::string_view, 9> names = {
        "pending",   "paid",     "provisioning", "active",    "suspended",
        "cancelled", "refunded", "completed",    "terminated"};
};

// Also order_transition_allowed() in the database.
inline constexpr auto order_transitions = std::to_array<std::pair<OrderStatus, OrderStatus>>({
    {OrderStatus::pending, OrderStatus::paid},
    {OrderStatus::pending, OrderStatus::cancelled},
    {OrderStatus::paid, OrderStatus::provisioning},
    {OrderStatus::paid, OrderStatus::cancelled},
    {OrderStatus::paid, OrderStatus::refunded},
    {OrderStatus::provisioning, OrderStatus::active},
    {OrderStatus::provisioning, OrderStatus::cancelled},
    {OrderStatus::provisioning, OrderStatus::refunded},
    {OrderStatus::active, OrderStatus::suspended},
    {OrderStatus::active, OrderStatus::refunded},
    {OrderStatus::active, OrderStatus::completed},
    {OrderStatus::active, OrderStatus::terminated},
    {OrderStatus::suspended, OrderStatus::active},
    {OrderStatus::suspended, OrderStatus::refunded},
    {OrderStatus::suspended, OrderStatus::terminated},
    {OrderStatus::completed, OrderStatus::refunded},
    {OrderStatus::terminated, OrderStatus::refunded},
});

struct Order {
    OrderId id = {};
    CustomerId customer = {};
    ProductId product = {};
    std::string provider_id = {};
    std::string product_name = {};
    BillingCycle billing_cycle = BillingCycle::monthly;
    // What the provider is asked for: the product's specs with the customer's choices over them.
    StringMap spec = {};
    OrderStatus status = OrderStatus::pending;
    // Why it ended where it did, for people; may be empty.
    std::string status_reason = {};
    Money total_amount;
    // What was given back or is on its way back.
    Money refunded_amount;
    // How it was or shall be paid; empty while nobody has said.
    std::string gateway_id = {};
    std::string notes = {};
    // The client's own key, and what it asked for with it.
    std::optional<std::string> idempotency_key = {};
    std::string request_hash = {};
    Timestamp created_at = {};
    Timestamp updated_at = {};
    std::optional<Timestamp> paid_at = {};
    // Unpaid, it ends then.
    Timestamp expires_at = {};

    // Read only: of its server and of its last payment, once there are any.
    std::optional<InstanceId> instance = {};
    std::string provider_instance_id = {};
    std::string gateway_payment_id = {};
    // What the provider of its server last said that went wrong; for operators alone.
    std::string provider_message = {};

    [[nodiscard]] Money refundable() const { return total_amount - refunded_amount; }
};

}  // namespace rb::core
