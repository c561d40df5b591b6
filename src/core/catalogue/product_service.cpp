#include "core/catalogue/product_service.hpp"

#include "core/catalogue/product_changes.hpp"
#include "core/catalogue/product_rules.hpp"
#include "core/text.hpp"
#include "core/unit_of_work.hpp"

namespace rb::core {

namespace {

Error product_not_found() {
    return Error{
        .code = ErrorCode::not_found, .message = "id: there is no such product", .field = "id"};
}

std::optional<std::int64_t> settled_stock(std::optional<std::int64_t> stock) {
    if (stock && *stock < 0) return std::nullopt;
    return stock;
}

// The price and the monthly cycle say the same: whichever of the two is named moves the other
// along.
Result<> apply_prices(Product& product, const ProductChange& change) {
    const auto currency = product.price.currency();
    if (change.billing_cycles) {
        product.billing_cycles = TRY(parse_billing_cycles(*change.billing_cycles, currency));
        const bool keeps_price = !change.price && product.billing_cycles.empty();
        const auto text = change.price.value_or(keeps_price ? product.price.to_string() : "");
        auto settled = settle_price(text, product.billing_cycles, currency);
        // Several cycles without a monthly one say nothing about the price of a month: it stays.
        if (settled.has_error() && text.empty()) return {};
        product.price = TRY(std::move(settled));
        return {};
    }
    if (change.price) {
        product.price = TRY(Money::parse(*change.price, currency, "price"));
        const auto monthly = product.billing_cycles.find(BillingCycle::monthly);
        if (monthly != product.billing_cycles.end()) monthly->second = product.price;
    }
    return {};
}

Result<Product> applied(Product product, const ProductChange& change) {
    if (change.name) product.name = trimmed(*change.name);
    if (change.description) product.description = *change.description;
    if (change.provider_id && *change.provider_id != product.provider_id) {
        product.provider_id = *change.provider_id;
        // What it is and costs there was the other provider's.
        product.upstream_product_id.clear();
        product.cost_price.reset();
        product.cost_cycles.clear();
    }
    if (change.group_id) {
        product.group = std::nullopt;
        if (!change.group_id->empty()) {
            product.group = TRY(GroupId::parse(*change.group_id, "group_id"));
        }
    }
    if (change.specs) product.specs = *change.specs;
    TRY(apply_prices(product, change));
    if (change.active) product.active = *change.active;
    if (change.stock) product.stock = settled_stock(change.stock);
    if (change.sort_order) product.sort_order = *change.sort_order;
    return product;
}

}  // namespace

Result<Page<Product>> ProductService::list(const Actor& actor, const ProductQuery& query,
                                           PageRequest page) {
    TRY(check_text(query.search, {.field = "search", .chars_max = limits::search_chars_max}));
    ProductFilter filter{.active = query.is_active, .group = query.group};
    // Asking for inactive ones shows nothing to whoever may not see them.
    if (!actor.is_staff()) {
        if (query.is_active == false) return Page<Product>{};
        filter.active = true;
    }
    if (!query.provider_id.empty()) filter.provider_id = query.provider_id;
    if (!query.region.empty()) filter.region = query.region;
    if (const auto search = trimmed(query.search); !search.empty()) filter.search = search;
    auto unit = TRY(database_.read());
    return unit->products().list(filter, page);
}

Result<Product> ProductService::get(const Actor& actor, ProductId id) {
    auto unit = TRY(database_.read());
    auto product = TRY(unit->products().find(id));
    if (!product || (!product->active && !actor.is_staff())) return product_not_found();
    return *std::move(product);
}

Result<Product> ProductService::create(const Actor& actor, const NewProduct& request) {
    auto currency = Currency::cny();
    if (!request.currency.empty()) {
        auto parsed = Currency::parse(request.currency);
        if (parsed.has_error()) return invalid_field("currency", "must be three capital letters");
        currency = *parsed;
    }
    const auto now = clock_.now();
    auto cycles = TRY(parse_billing_cycles(request.billing_cycles, currency));
    Product product{.id = ids_.next_id<ProductId>(),
                    .group = request.group,
                    .provider_id = request.provider_id,
                    .name = std::string(trimmed(request.name)),
                    .description = request.description,
                    .price = TRY(settle_price(request.price, cycles, currency)),
                    .specs = request.specs,
                    .billing_cycles = std::move(cycles),
                    .active = request.active,
                    .stock = settled_stock(request.stock),
                    .sort_order = request.sort_order,
                    .created_at = now,
                    .updated_at = now};
    product.available = product.stock;
    TRY(check_product(product));

    return in_transaction(database_, "create_product", [&](UnitOfWork& unit) -> Result<Product> {
        TRY(unit.products().insert(product));
        TRY(unit.operation_log().append(
            product_operation(ids_, actor, product.id, "product.create",
                              changes_between({.price = Money::zero(currency)}, product), now)));
        return product;
    });
}

Result<Product> ProductService::update(const Actor& actor, ProductId id,
                                       const ProductChange& change) {
    return in_transaction(database_, "update_product", [&](UnitOfWork& unit) -> Result<Product> {
        const auto before = TRY(unit.products().find_for_update(id));
        if (!before) return product_not_found();
        auto after = TRY(applied(*before, change));
        TRY(check_product(after));
        after.updated_at = clock_.now();
        TRY(unit.products().save(after));
        TRY(unit.operation_log().append(product_operation(
            ids_, actor, id, "product.update", changes_between(*before, after), after.updated_at)));
        // `available` follows the stock, and is counted by the database.
        auto saved = TRY(unit.products().find(id));
        if (!saved) return product_not_found();
        return *std::move(saved);
    });
}

Result<> ProductService::remove(const Actor& actor, ProductId id) {
    return in_transaction(database_, "delete_product", [&](UnitOfWork& unit) -> Result<> {
        const auto before = TRY(unit.products().find_for_update(id));
        if (!before) return product_not_found();
        TRY(unit.products().remove(id));
        const Product nothing{.price = Money::zero(before->price.currency())};
        return unit.operation_log().append(product_operation(
            ids_, actor, id, "product.delete", changes_between(*before, nothing), clock_.now()));
    });
}

}  // namespace rb::core
