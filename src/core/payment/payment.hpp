// A payment: one attempt to move a customer's money to us, through a gateway or from his balance.

#pragma once

#include "core/ids.hpp"
#include "core/money/money.hpp"
#include "core/plugin/gateway.hpp"
#include "core/ports/clock.hpp"
#include "core/transition_table.hpp"

#include <optional>
#include <string>

namespace rb::core {

// The gateway_id of payments from the balance; no interface may have it.
inline constexpr std::string_view balance_gateway = "balance";

// unknown: the gateway did not answer. No second attempt until its query settles it.
enum class PaymentStatus { pending, unknown, success, failed, refunded };

template <>
struct EnumNames<PaymentStatus> {
    static constexpr std::array<std::string_view, 5> names = {"pending", "unknown", "success",
                                                              "failed", "refunded"};
};

// Also check_payment_transition() in the database. Monotonic: what succeeded never becomes failed.
inline constexpr auto payment_transitions = std::to_array<std::pair<PaymentStatus, PaymentStatus>>({
    {PaymentStatus::pending, PaymentStatus::unknown},
    {PaymentStatus::pending, PaymentStatus::success},
    {PaymentStatus::pending, PaymentStatus::failed},
    {PaymentStatus::unknown, PaymentStatus::pending},
    {PaymentStatus::unknown, PaymentStatus::success},
    {PaymentStatus::unknown, PaymentStatus::failed},
    {PaymentStatus::failed, PaymentStatus::success},
    {PaymentStatus::success, PaymentStatus::refunded},
});

enum class PaymentPurpose { order, invoice, recharge };

template <>
struct EnumNames<PaymentPurpose> {
    static constexpr std::array<std::string_view, 3> names = {"order", "invoice", "recharge"};
};

struct Payment {
    PaymentId id = {};
    CustomerId customer = {};
    PaymentPurpose purpose = PaymentPurpose::order;
    std::optional<OrderId> order = {};
    std::optional<InvoiceId> invoice = {};
    std::string gateway_id = {};
    Money amount;
    // Given back, or on its way back.
    Money refunded_amount;
    PaymentStatus status = PaymentStatus::pending;
    std::string gateway_payment_id = {};
    // The gateway's (or the bank's) own number of the money's movement; settles one payment.
    std::string gateway_tx_id = {};
    std::string payment_url = {};
    std::string qr_text = {};
    std::string instructions = {};
    std::string failure_reason = {};
    std::optional<Timestamp> next_query_at = {};
    int query_attempts = 0;
    Timestamp created_at = {};
    Timestamp updated_at = {};
    std::optional<Timestamp> paid_at = {};
    // The client's own key; of recharges alone, an order or invoice has one open attempt anyway.
    std::optional<std::string> idempotency_key = {};

    [[nodiscard]] bool is_open() const {
        return status == PaymentStatus::pending || status == PaymentStatus::unknown;
    }
    // Whether the money came; `refunded` means it came and went.
    [[nodiscard]] bool has_succeeded() const {
        return status == PaymentStatus::success || status == PaymentStatus::refunded;
    }
    [[nodiscard]] Money refundable() const { return amount - refunded_amount; }
    [[nodiscard]] PaymentRef ref() const {
        return {.payment = id,
                .gateway_payment_id = gateway_payment_id,
                .gateway_tx_id = gateway_tx_id,
                .amount = amount};
    }
};

enum class RefundDestination { balance, gateway };

template <>
struct EnumNames<RefundDestination> {
    static constexpr std::array<std::string_view, 2> names = {"balance", "gateway"};
};

enum class RefundStatus { pending, unknown, success, failed };

template <>
struct EnumNames<RefundStatus> {
    static constexpr std::array<std::string_view, 4> names = {"pending", "unknown", "success",
                                                              "failed"};
};

struct Refund {
    RefundId id = {};
    CustomerId customer = {};
    PaymentId payment = {};
    std::optional<OrderId> order = {};
    RefundDestination destination = RefundDestination::balance;
    Money amount;
    RefundStatus status = RefundStatus::pending;
    std::string gateway_refund_id = {};
    std::string reason = {};
    // A repeated command finds its first refund.
    std::string idempotency_key = {};
    Timestamp created_at = {};
    Timestamp updated_at = {};
};

}  // namespace rb::core
