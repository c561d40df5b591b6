#include "server/handlers/order/order_methods.hpp"

#include "core/catalogue/catalogue.hpp"

#include "server/handlers/caller.hpp"
#include "server/handlers/order/server_spec.hpp"
#include "server/handlers/payment/payment_info.hpp"
#include "server/handlers/wire_values.hpp"

#include <rustbill/order.pb.h>

namespace rb::server {

namespace order_wire = rustbill::order;
using transport::CallContext;

namespace {

void fill(const core::Actor& actor, const core::Order& order, order_wire::OrderInfo& info) {
    info.set_id(order.id.to_string());
    info.set_customer_id(order.customer.to_string());
    info.set_product_id(order.product.to_string());
    info.set_provider_id(order.provider_id);
    info.set_provider_instance_id(order.provider_instance_id);
    fill_server_spec(order.spec, *info.mutable_server_spec());
    info.set_status(std::string(core::name_of(order.status)));
    info.set_amount(order.total_amount.to_string());
    info.set_currency(std::string(order.total_amount.currency().code()));
    info.set_gateway_id(order.gateway_id);
    info.set_gateway_payment_id(order.gateway_payment_id);
    info.set_notes(order.notes);
    info.set_created_at(time_text(order.created_at));
    info.set_updated_at(time_text(order.updated_at));
    info.set_product_name(order.product_name);
    info.set_billing_cycle(std::string(core::name_of(order.billing_cycle)));
    info.set_status_reason(order.status_reason);
    info.set_refunded_amount(order.refunded_amount.to_string());
    info.set_instance_id(id_text(order.instance));
    // An upstream's "insufficient balance" is about our account there: no customer reads it.
    if (actor.is_staff()) {
        info.set_provider_message(order.provider_message);
    } else {
        info.mutable_server_spec()->mutable_extra_specs()->erase(
            std::string(core::upstream_product_id_spec));
    }
}

Result<core::NewOrder> new_order_of(const CallContext& call,
                                    const order_wire::CreateOrderRequest& request) {
    const auto& cycle = request.billing_cycle();
    return core::NewOrder{
        .customer = TRY(parse_optional_id<core::CustomerId>(request.customer_id(), "customer_id")),
        .product = TRY(core::ProductId::parse(request.product_id(), "product_id")),
        .provider_id = request.provider_id(),
        .spec = TRY(spec_of(request.server_spec())),
        .currency = request.currency(),
        .gateway_id = request.gateway_id(),
        .notes = request.notes(),
        .billing_cycle = cycle.empty() ? core::BillingCycle::monthly
                                       : TRY(core::parse_billing_cycle(cycle, "billing_cycle")),
        .idempotency_key = TRY(key_text_of(call))};
}

Result<order_wire::CreateOrderResponse> create(core::OrderService& orders, core::Log& log,
                                               const CallContext& call,
                                               const order_wire::CreateOrderRequest& request) {
    const auto actor = actor_of(call);
    auto order = TRY(orders.create(actor, TRY(new_order_of(call, request))));
    order_wire::CreateOrderResponse response;
    // Money leaves a balance only by PayOrder. At any other gateway the payment begins here, so
    // that a client can show the payer where to go; PayOrder answers the same one again.
    const auto& gateway = request.gateway_id();
    if (order.status == core::OrderStatus::pending && !gateway.empty() &&
        gateway != core::balance_gateway) {
        const auto start = orders.pay(actor, order.id, gateway, actor.ip);
        if (start.has_error()) {
            // The order stands, and PayOrder will tell the customer what is wrong.
            log.warn("rustbill_server::services", "payment of a new order did not begin",
                     {{"order_id", order.id.to_string()},
                      {"gateway_id", gateway},
                      {"error", start.error().message},
                      {"detail", start.error().detail}});
        } else {
            fill_payment_info(*start, *response.mutable_payment());
            order = TRY(orders.find(actor, order.id));
        }
    }
    fill(actor, order, *response.mutable_order());
    return response;
}

Result<order_wire::ListOrdersResponse> list(core::OrderService& orders, const CallContext& call,
                                            const order_wire::ListOrdersRequest& request) {
    const auto page = TRY(page_of(request.pagination()));
    const auto actor = actor_of(call);
    core::OrderFilter filter{
        .customer = TRY(parse_optional_id<core::CustomerId>(request.customer_id(), "customer_id")),
        .status = TRY(parse_optional_enum<core::OrderStatus>(request.status(), "status")),
        .provider_id = optional_text(request.provider_id()),
        .search = optional_text(request.search())};
    const auto found = TRY(orders.list(actor, std::move(filter), page));
    order_wire::ListOrdersResponse response;
    for (const auto& order : found.items) fill(actor, order, *response.add_orders());
    fill_meta(found.total, page, *response.mutable_meta());
    return response;
}

Result<order_wire::PayOrderResponse> pay(core::OrderService& orders, const CallContext& call,
                                         const order_wire::PayOrderRequest& request) {
    const auto id = TRY(core::OrderId::parse(request.order_id(), "order_id"));
    const auto actor = actor_of(call);
    order_wire::PayOrderResponse response;
    fill_payment_info(TRY(orders.pay(actor, id, request.gateway_id(), actor.ip)),
                      *response.mutable_payment());
    return response;
}

Result<order_wire::RefundOrderResponse> refund(core::OrderService& orders, const CallContext& call,
                                               const order_wire::RefundOrderRequest& request) {
    const auto actor = actor_of(call);
    const auto id = TRY(core::OrderId::parse(request.id(), "id"));
    core::OrderService::RefundOrder command{.reason = request.reason(),
                                            .idempotency_key = TRY(key_text_of(call))};
    if (!request.destination().empty()) {
        command.destination =
            TRY(core::parse_enum<core::RefundDestination>(request.destination(), "destination"));
    }
    if (!request.amount().empty()) {
        // The amount is one of the order's currency.
        const auto order = TRY(orders.find(actor, id));
        command.amount =
            TRY(core::Money::parse(request.amount(), order.total_amount.currency(), "amount"));
    }
    order_wire::RefundOrderResponse response;
    fill(actor, TRY(orders.refund(actor, id, command)), *response.mutable_order());
    return response;
}

}  // namespace

void add_order_methods(transport::MethodRegistry& registry, core::OrderService& orders,
                       core::Log& log) {
    registry.unary<order_wire::CreateOrderRequest, order_wire::CreateOrderResponse>(
        "/rustbill.order.OrderService/CreateOrder",
        [&](CallContext& call, const auto& request) { return create(orders, log, call, request); });
    registry.unary<order_wire::ListOrdersRequest, order_wire::ListOrdersResponse>(
        "/rustbill.order.OrderService/ListOrders",
        [&](CallContext& call, const auto& request) { return list(orders, call, request); });
    registry.unary<order_wire::GetOrderRequest, order_wire::GetOrderResponse>(
        "/rustbill.order.OrderService/GetOrder",
        [&](CallContext& call, const auto& request) -> Result<order_wire::GetOrderResponse> {
            const auto id = TRY(core::OrderId::parse(request.id(), "id"));
            order_wire::GetOrderResponse response;
            fill(actor_of(call), TRY(orders.find(actor_of(call), id)), *response.mutable_order());
            return response;
        });
    registry.unary<order_wire::PayOrderRequest, order_wire::PayOrderResponse>(
        "/rustbill.order.OrderService/PayOrder",
        [&](CallContext& call, const auto& request) { return pay(orders, call, request); });
    registry.unary<order_wire::CancelOrderRequest, order_wire::CancelOrderResponse>(
        "/rustbill.order.OrderService/CancelOrder",
        [&](CallContext& call, const auto& request) -> Result<order_wire::CancelOrderResponse> {
            const auto id = TRY(core::OrderId::parse(request.id(), "id"));
            order_wire::CancelOrderResponse response;
            fill(actor_of(call), TRY(orders.cancel(actor_of(call), id, request.reason())),
                 *response.mutable_order());
            return response;
        });
    registry.unary<order_wire::RefundOrderRequest, order_wire::RefundOrderResponse>(
        "/rustbill.order.OrderService/RefundOrder",
        [&](CallContext& call, const auto& request) { return refund(orders, call, request); });
}

}  // namespace rb::server
