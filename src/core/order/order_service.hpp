// The use cases of orders. Thread-safe; holds no state.
//
// No call here waits for a provider, and none waits for a gateway while it holds a transaction.

#pragma once

#include "core/catalogue/catalogue_store.hpp"
#include "core/identity/actor.hpp"
#include "core/order/order.hpp"
#include "core/order/order_store.hpp"
#include "core/payment/money_notices.hpp"
#include "core/payment/payment_service.hpp"
#include "core/plugin/plugin_directory.hpp"
#include "core/ports/clock.hpp"
#include "core/ports/digester.hpp"
#include "core/ports/id_source.hpp"
#include "core/ports/log.hpp"
#include "core/unit_of_work.hpp"

#include <optional>
#include <string>

namespace rb::core {

struct NewOrder {
    // Staff only; a customer's own is taken from the actor.
    std::optional<CustomerId> customer = {};
    ProductId product;
    // Empty, or the product's.
    std::string provider_id = {};
    StringMap spec = {};
    // Empty, or the product's.
    std::string currency = {};
    std::string gateway_id = {};
    std::string notes = {};
    BillingCycle billing_cycle = BillingCycle::monthly;
    std::optional<std::string> idempotency_key = {};
};

struct ExpiredOrders {
    int cancelled = 0;
    // Their payment is still open at the gateway.
    int waiting = 0;
    int failed = 0;
};

class OrderService {
public:
    // All must outlive it.
    struct Ports {
        Database& database;
        PluginDirectory& plugins;
        PaymentService& payments;
        const Clock& clock;
        IdSource& ids;
        const Digester& digester;
        Log& log;
    };
    explicit OrderService(Ports ports) : ports_(ports), notices_(ports.ids, ports.plugins) {}

    // The price is the catalogue's of this moment. Holds stock until paid or ended.
    // A repeat with the same idempotency key answers the first order, whether or not it could be
    // made again.
    // ERRORS: invalid_argument      a field breaks its rule; a spec does not fit the template
    //         not_found             no such product for sale, no such customer
    //         failed_precondition   the cycle is not offered; the account is closed; currencies
    //         out_of_stock
    //         idempotency_conflict  the key was used for something else
    //         plugin_failed         the provider's template cannot be had
    Result<Order> create(const Actor& actor, const NewOrder& request);

    // ERRORS: not_found  no such order, or it is not the actor's
    Result<Order> find(const Actor& actor, OrderId id);
    // A customer sees his own, whatever the filter says.
    Result<Page<Order>> list(const Actor& actor, OrderFilter filter, PageRequest page);

    // gateway_id `balance` (also when empty and the order names none): paid when this returns.
    // Any other: a payment is started there, or the one under way is answered again.
    // Repeating it is safe: an order that is paid answers its payment.
    // ERRORS: not_found; order_not_payable; insufficient_funds
    //         outcome_unknown  the gateway did not answer; the same call later asks it first
    Result<PaymentStart> pay(const Actor& actor, OrderId id, const std::string& gateway_id,
                             const std::string& payer_ip);

    // Unpaid: ends it. Paid and not yet open: ends it and gives all back; a server the provider is
    // making meanwhile is ended by the reconciler. Repeating is safe.
    // ERRORS: not_found; illegal_transition  its server was opened
    Result<Order> cancel(const Actor& actor, OrderId id, std::string reason);

    struct RefundOrder {
        // Nothing: all that is left.
        std::optional<Money> amount = {};
        RefundDestination destination = RefundDestination::balance;
        std::string reason = {};
        // A repeat with the same key answers the first refund's order.
        std::optional<std::string> idempotency_key = {};
    };
    // Staff. All given back: the order is `refunded` and its server ends.
    // ERRORS: not_found; failed_precondition  it was not paid, or less is left;
    //         idempotency_conflict  the key was used for another amount or destination
    Result<Order> refund(const Actor& actor, OrderId id, const RefundOrder& request);

    // Ends orders whose 24 hours are over; asks the gateway first where a payment is open, so that
    // money under way is not met by a closed door. One order at a time, one failure stops no other.
    Result<ExpiredOrders> cancel_expired(int limit);

private:
    Result<Order> create_for(CustomerId owner, const NewOrder& request,
                             const std::string& request_hash);
    Result<std::vector<SpecField>> spec_template_of(const ProductOffer& offer);
    Result<> check_gateway_exists(const std::string& gateway_id);
    Result<bool> cancel_expired_one(OrderId id);
    Result<> check_can_pay_back(const std::string& gateway_id);

    const Ports ports_;
    const MoneyNotices notices_;
};

}  // namespace rb::core
