// OrderService's part that takes an order.

#include "core/catalogue/catalogue_store.hpp"
#include "core/ledger/ledger_store.hpp"
#include "core/limits.hpp"
#include "core/order/order_service.hpp"
#include "core/order/spec_check.hpp"
#include "core/text.hpp"

namespace rb::core {
namespace {

Error no_such_product() {
    return Error{ErrorCode::not_found, "there is no such product", "product_id"};
}

Result<> check_request(const NewOrder& request) {
    TRY(check_text(request.notes, {.field = "notes",
                                   .chars_max = limits::order_notes_chars_max,
                                   .line_breaks = LineBreaks::allowed}));
    TRY(check_text(request.gateway_id, {.field = "gateway_id", .chars_max = 63}));
    if (!request.idempotency_key) return {};
    return check_text(*request.idempotency_key, {.field = "idempotency-key",
                                                 .chars_min = 1,
                                                 .chars_max = limits::idempotency_key_bytes_max});
}

Result<CustomerId> owner_of(const Actor& actor, const NewOrder& request) {
    if (!actor.is_staff()) {
        if (request.customer && *request.customer != actor.customer) {
            return Error{ErrorCode::not_found, "there is no such customer", "customer_id"};
        }
        return actor.customer;
    }
    if (!request.customer) return invalid_field("customer_id", "is required");
    return *request.customer;
}

// All that makes two requests the same; lengths keep the parts apart.
std::string canonical(CustomerId owner, const NewOrder& request) {
    std::string text;
    const auto add = [&](std::string_view part) {
        text += std::to_string(part.size());
        text += ':';
        text += part;
    };
    add(owner.to_string());
    add(request.product.to_string());
    add(request.provider_id);
    add(request.currency);
    add(request.gateway_id);
    add(request.notes);
    add(name_of(request.billing_cycle));
    for (const auto& [key, value] : request.spec) {
        add(key);
        add(value);
    }
    return text;
}

Result<Money> price_of(const Product& product, const NewOrder& request) {
    const auto price = product.price_of(request.billing_cycle);
    if (!price) {
        return Error{ErrorCode::failed_precondition,
                     "billing_cycle: " + std::string(name_of(request.billing_cycle)) +
                         " is not offered for this product",
                     "billing_cycle"};
    }
    if (!request.provider_id.empty() && request.provider_id != product.provider_id) {
        return invalid_field("provider_id", "is not this product's");
    }
    if (!request.currency.empty() && request.currency != price->currency().code()) {
        return invalid_field("currency",
                             "this product is sold in " + std::string(price->currency().code()));
    }
    return *price;
}

Result<> check_account(const std::optional<Account>& account, Money price) {
    if (!account) {
        return Error{ErrorCode::not_found, "there is no such customer", "customer_id"};
    }
    if (!account->is_active) {
        return Error{ErrorCode::failed_precondition, "the account is closed"};
    }
    if (account->balance.currency() != price.currency()) {
        return Error{ErrorCode::failed_precondition, "the account is held in another currency"};
    }
    return {};
}

// Locks the product, so that two orders cannot both take the last one.
Result<> check_stock(UnitOfWork& unit, const Product& product, const Order& order) {
    const auto current = TRY(unit.products().find_for_update(product.id));
    if (!current || !current->active) return no_such_product();
    if (current->price_of(order.billing_cycle) != order.total_amount) {
        return Error{ErrorCode::failed_precondition,
                     "the product has just changed; look at it again"};
    }
    if (current->stock && current->available.value_or(0) < 1) {
        return Error{ErrorCode::out_of_stock, "the product is out of stock"};
    }
    const auto unpaid = TRY(unit.orders().count_unpaid(order.customer, product.id));
    if (unpaid >= limits::unpaid_orders_of_product_max) {
        return Error{ErrorCode::too_many_requests,
                     "there are " + std::to_string(unpaid) +
                         " unpaid orders of this product; pay for some or cancel them first"};
    }
    return {};
}

// The first order of this key, or a clash with it.
Result<std::optional<Order>> find_first(UnitOfWork& unit, CustomerId owner, const NewOrder& request,
                                        const std::string& request_hash) {
    if (!request.idempotency_key) return std::optional<Order>();
    auto first = TRY(unit.orders().find_by_key(owner, *request.idempotency_key));
    if (first && first->request_hash != request_hash) {
        return Error{ErrorCode::idempotency_conflict,
                     "the idempotency key was used for another order", "idempotency-key"};
    }
    return first;
}

}  // namespace

Result<std::vector<SpecField>> OrderService::spec_template_of(const ProductOffer& offer) {
    // The plugin's own words are for operators: a customer can do nothing with them.
    const auto not_now = [](const Error& why) {
        return Error{ErrorCode::plugin_failed, "this product cannot be ordered at the moment"}
            .with_detail(why.message);
    };
    const auto provider = offer.provider ? ports_.plugins.find_provider(*offer.provider)
                                         : ports_.plugins.find_provider(offer.product.provider_id);
    if (provider.has_error()) return not_now(provider.error());
    auto fields = (*provider)->spec_template();
    if (fields.has_error()) return not_now(fields.error());
    return fields;
}

// One that cannot be used now may work when the order is paid; one that does not exist is a
// mistake.
Result<> OrderService::check_gateway_exists(const std::string& gateway_id) {
    if (gateway_id.empty() || gateway_id == balance_gateway) return {};
    const auto gateway = ports_.plugins.find_gateway(gateway_id);
    if (gateway.has_error() && gateway.error().code == ErrorCode::not_found) {
        return invalid_field("gateway_id", "there is no such payment method");
    }
    return {};
}

Result<Order> OrderService::create(const Actor& actor, const NewOrder& request) {
    TRY(check_request(request));
    const auto owner = TRY(owner_of(actor, request));
    const auto digest = ports_.digester.sha256(canonical(owner, request));
    const std::string request_hash(digest.begin(), digest.end());
    auto made = create_for(owner, request, request_hash);
    if (made.has_value() || !request.idempotency_key) return made;

    // Whoever lost the answer asks again for an order that stands, whatever has become of the
    // product, its price or its provider since. Looked up last: nearly every call is the first.
    auto unit = ports_.database.read();
    if (unit.has_error()) return made;
    const auto first = find_first(**unit, owner, request, request_hash);
    if (first.has_error()) {
        return first.error().code == ErrorCode::idempotency_conflict ? first.error() : made.error();
    }
    return *first ? Result<Order>(**first) : made;
}

Result<Order> OrderService::create_for(CustomerId owner, const NewOrder& request,
                                       const std::string& request_hash) {
    auto unit = TRY(ports_.database.read());
    auto found = unit->products().find_offer_later(request.product);
    auto account = unit->ledger().find_account_later(owner);
    const auto offer = TRY(found.get());
    if (!offer || !offer->product.active) return no_such_product();
    const auto& product = offer->product;
    const auto price = TRY(price_of(product, request));
    TRY(check_account(TRY(account.get()), price));
    unit.reset();
    TRY(check_gateway_exists(request.gateway_id));
    const auto fields = TRY(spec_template_of(*offer));
    const auto now = ports_.clock.now();
    const Order order{.id = ports_.ids.next_id<OrderId>(),
                      .customer = owner,
                      .product = product.id,
                      .provider_id = product.provider_id,
                      .product_name = product.name,
                      .billing_cycle = request.billing_cycle,
                      .spec = TRY(resolve_spec(fields, product.specs, request.spec)),
                      .total_amount = price,
                      .refunded_amount = Money::zero(price.currency()),
                      .gateway_id = request.gateway_id,
                      .notes = request.notes,
                      .idempotency_key = request.idempotency_key,
                      .request_hash = request_hash,
                      .created_at = now,
                      .updated_at = now,
                      .expires_at = now + limits::order_unpaid_max};
    return in_transaction(ports_.database, "create_order", [&](UnitOfWork& inner) -> Result<Order> {
        if (auto first = TRY(find_first(inner, owner, request, request_hash))) return *first;
        if (product.stock) TRY(check_stock(inner, product, order));
        // Another call with the same key was faster: run again and answer its order.
        if (!TRY(inner.orders().insert(order))) {
            return Error{ErrorCode::conflict, "the same order is being made"};
        }
        if (product.stock) TRY(inner.orders().reserve_stock(order.id, product.id, now));
        return order;
    });
}

}  // namespace rb::core
