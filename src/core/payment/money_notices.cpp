#include "core/payment/money_notices.hpp"

namespace rb::core {

Result<> MoneyNotices::enqueue(UnitOfWork& unit, const Notice& notice, Timestamp now) const {
    if (!plugins_.may_notify()) return {};
    return enqueue_notice(unit, ids_, notice, now);
}

Result<> MoneyNotices::order_paid(UnitOfWork& unit, const Order& order, Timestamp now) const {
    return enqueue(unit,
                   {.which = NotificationTemplate::order_paid,
                    .subject = order.id.uuid(),
                    .customer = order.customer,
                    .to_operator = true,
                    .values = {{"order_id", order.id.to_string()},
                               {"product", order.product_name},
                               {"amount", order.total_amount.to_string()}}},
                   now);
}

Result<> MoneyNotices::order_cancelled(UnitOfWork& unit, const Order& order, std::string reason,
                                       Timestamp now) const {
    return enqueue(unit,
                   {.which = NotificationTemplate::order_cancelled,
                    .subject = order.id.uuid(),
                    .customer = order.customer,
                    .to_operator = true,
                    .values = {{"order_id", order.id.to_string()},
                               {"product", order.product_name},
                               {"reason", std::move(reason)}}},
                   now);
}

Result<> MoneyNotices::order_refunded(UnitOfWork& unit, const Order& order, Money amount,
                                      std::string step, Timestamp now) const {
    return enqueue(unit,
                   {.which = NotificationTemplate::order_refunded,
                    .subject = order.id.uuid(),
                    .step = std::move(step),
                    .customer = order.customer,
                    .to_operator = true,
                    .values = {{"order_id", order.id.to_string()},
                               {"product", order.product_name},
                               {"amount", amount.to_string()}}},
                   now);
}

Result<> MoneyNotices::payment_received(UnitOfWork& unit, const Payment& payment,
                                        Timestamp now) const {
    return enqueue(unit,
                   {.which = NotificationTemplate::payment_received,
                    .subject = payment.id.uuid(),
                    .customer = payment.customer,
                    .values = {{"payment_id", payment.id.to_string()},
                               {"amount", payment.amount.to_string()}}},
                   now);
}

Result<> MoneyNotices::recharge_received(UnitOfWork& unit, const Payment& payment, Money balance,
                                         Timestamp now) const {
    return enqueue(
        unit,
        {.which = NotificationTemplate::recharge_received,
         .subject = payment.id.uuid(),
         .customer = payment.customer,
         .to_operator = true,
         .values = {{"amount", payment.amount.to_string()}, {"balance", balance.to_string()}}},
        now);
}

Result<> MoneyNotices::needs_attention(UnitOfWork& unit, const Payment& payment, std::string reason,
                                       std::string step, Timestamp now) const {
    return enqueue(unit,
                   {.which = NotificationTemplate::payment_attention,
                    .subject = payment.id.uuid(),
                    .step = std::move(step),
                    .to_operator = true,
                    .values = {{"payment_id", payment.id.to_string()},
                               {"gateway_id", payment.gateway_id},
                               {"amount", payment.amount.to_string()},
                               {"reason", std::move(reason)}}},
                   now);
}

}  // namespace rb::core
