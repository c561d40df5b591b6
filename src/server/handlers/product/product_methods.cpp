#include "server/handlers/product/product_methods.hpp"

#include "server/handlers/caller.hpp"
#include "server/handlers/wire_values.hpp"

namespace rb::server {

namespace product_wire = rustbill::product;
using transport::CallContext;

namespace {

// No limit, in the int64 fields `stock` and `available`.
constexpr std::int64_t unlimited = -1;

// What a reseller pays is nobody's business but his own.
void fill_costs(const core::Product& product, product_wire::ProductInfo& info) {
    info.set_upstream_product_id(product.upstream_product_id);
    if (!product.cost_price) return;
    info.set_cost_price(product.cost_price->to_string());
    info.set_cost_currency(std::string(product.cost_price->currency().code()));
    for (const auto& [cycle, cost] : product.cost_cycles) {
        (*info.mutable_cost_cycles())[std::string(core::name_of(cycle))] = cost.to_string();
    }
    info.set_sells_below_cost(product.sells_below_cost());
}

Result<product_wire::ListProductsResponse> list(core::ProductService& products,
                                                const CallContext& call,
                                                const product_wire::ListProductsRequest& request) {
    const auto page = TRY(page_of(request.pagination()));
    const core::ProductQuery query{
        .provider_id = request.provider_id(),
        .region = request.region(),
        .is_active = when(request.has_is_active(), request.is_active()),
        .search = request.search(),
        .group = TRY(parse_optional_id<core::GroupId>(request.group_id(), "group_id"))};
    const auto actor = actor_of(call);
    const auto found = TRY(products.list(actor, query, page));
    product_wire::ListProductsResponse response;
    for (const auto& product : found.items) {
        fill_product(actor, product, *response.add_products());
    }
    fill_meta(found.total, page, *response.mutable_meta());
    return response;
}

Result<product_wire::CreateProductResponse> create(
    core::ProductService& products, const CallContext& call,
    const product_wire::CreateProductRequest& request) {
    core::NewProduct product{
        .name = request.name(),
        .description = request.description(),
        .price = request.price(),
        .provider_id = request.provider_id(),
        .group = TRY(parse_optional_id<core::GroupId>(request.group_id(), "group_id")),
        .specs = text_map(request.specs()),
        .billing_cycles = text_map(request.billing_cycles()),
        .currency = request.currency(),
        .active = request.has_active() ? request.active() : true,
        .stock = when<std::int64_t>(request.has_stock(), request.stock()),
        .sort_order = request.sort_order()};
    product_wire::CreateProductResponse response;
    const auto actor = actor_of(call);
    fill_product(actor, TRY(products.create(actor, product)), *response.mutable_product());
    return response;
}

Result<product_wire::UpdateProductResponse> update(
    core::ProductService& products, const CallContext& call,
    const product_wire::UpdateProductRequest& request) {
    const auto id = TRY(core::ProductId::parse(request.id(), "id"));
    const core::ProductChange change{
        .name = when(request.has_name(), request.name()),
        .description = when(request.has_description(), request.description()),
        .price = when(request.has_price(), request.price()),
        .provider_id = when(request.has_provider_id(), request.provider_id()),
        .group_id = when(request.has_group_id(), request.group_id()),
        .specs =
            when(request.replace_specs() || !request.specs().empty(), text_map(request.specs())),
        .billing_cycles =
            when(request.replace_billing_cycles() || !request.billing_cycles().empty(),
                 text_map(request.billing_cycles())),
        .active = when(request.has_active(), request.active()),
        .stock = when<std::int64_t>(request.has_stock(), request.stock()),
        .sort_order = when(request.has_sort_order(), request.sort_order())};
    product_wire::UpdateProductResponse response;
    const auto actor = actor_of(call);
    fill_product(actor, TRY(products.update(actor, id, change)), *response.mutable_product());
    return response;
}

}  // namespace

void fill_product(const core::Actor& actor, const core::Product& product,
                  product_wire::ProductInfo& info) {
    info.set_id(product.id.to_string());
    info.set_name(product.name);
    info.set_description(product.description);
    info.set_price(product.price.to_string());
    info.set_currency(std::string(product.price.currency().code()));
    info.set_provider_id(product.provider_id);
    info.set_active(product.active);
    info.set_created_at(time_text(product.created_at));
    info.set_updated_at(time_text(product.updated_at));
    info.mutable_specs()->insert(product.specs.begin(), product.specs.end());
    info.set_group_id(id_text(product.group));
    for (const auto& [cycle, price] : product.billing_cycles) {
        (*info.mutable_billing_cycles())[std::string(core::name_of(cycle))] = price.to_string();
    }
    info.set_stock(product.stock.value_or(unlimited));
    info.set_available(product.available.value_or(unlimited));
    info.set_sort_order(product.sort_order);
    if (actor.is_staff()) {
        fill_costs(product, info);
    } else {
        info.mutable_specs()->erase(std::string(core::upstream_product_id_spec));
    }
}

void add_product_methods(transport::MethodRegistry& registry, core::ProductService& products) {
    registry.unary<product_wire::ListProductsRequest, product_wire::ListProductsResponse>(
        "/rustbill.product.ProductService/ListProducts",
        [&](CallContext& call, const auto& request) { return list(products, call, request); });
    registry.unary<product_wire::GetProductRequest, product_wire::GetProductResponse>(
        "/rustbill.product.ProductService/GetProduct",
        [&](CallContext& call, const auto& request) -> Result<product_wire::GetProductResponse> {
            const auto id = TRY(core::ProductId::parse(request.id(), "id"));
            product_wire::GetProductResponse response;
            const auto actor = actor_of(call);
            fill_product(actor, TRY(products.get(actor, id)), *response.mutable_product());
            return response;
        });
    registry.unary<product_wire::CreateProductRequest, product_wire::CreateProductResponse>(
        "/rustbill.product.ProductService/CreateProduct",
        [&](CallContext& call, const auto& request) { return create(products, call, request); });
    registry.unary<product_wire::UpdateProductRequest, product_wire::UpdateProductResponse>(
        "/rustbill.product.ProductService/UpdateProduct",
        [&](CallContext& call, const auto& request) { return update(products, call, request); });
    registry.unary<product_wire::DeleteProductRequest, product_wire::DeleteProductResponse>(
        "/rustbill.product.ProductService/DeleteProduct",
        [&](CallContext& call, const auto& request) -> Result<product_wire::DeleteProductResponse> {
            const auto id = TRY(core::ProductId::parse(request.id(), "id"));
            TRY(products.remove(actor_of(call), id));
            return product_wire::DeleteProductResponse();
        });
}

void fill_spec_template(const std::vector<core::SpecField>& fields,
                        product_wire::SpecTemplate& spec_template) {
    for (const auto& field : fields) {
        auto& info = *spec_template.add_fields();
        info.set_key(field.key);
        info.set_label(field.label);
        info.set_field_type(field.field_type);
        info.set_required(field.required);
        info.set_display_order(field.display_order);
        for (const auto& option : field.options) info.add_options(option);
        info.set_min(field.min.value_or(0));
        info.set_max(field.max.value_or(0));
        info.set_default_value(field.default_value);
    }
}

}  // namespace rb::server
