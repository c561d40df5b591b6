#include "server/handlers/upstream/upstream_methods.hpp"

#include "server/handlers/caller.hpp"
#include "server/handlers/product/product_methods.hpp"
#include "server/handlers/wire_values.hpp"

#include <rustbill/upstream.pb.h>

namespace rb::server {

namespace upstream_wire = rustbill::upstream;
using transport::CallContext;

namespace {

void fill(const core::Actor& actor, const core::UpstreamProduct& upstream,
          upstream_wire::UpstreamProductInfo& info) {
    const auto& item = upstream.item;
    info.set_upstream_product_id(item.upstream_product_id);
    info.set_name(item.name);
    info.set_description(item.description);
    info.mutable_specs()->insert(item.specs.begin(), item.specs.end());
    for (const auto& [cycle, cost] : item.cost_by_cycle) {
        info.set_currency(std::string(cost.currency().code()));
        (*info.mutable_cost_by_cycle())[cycle] = cost.to_string();
    }
    if (upstream.product) fill_product(actor, *upstream.product, *info.mutable_product());
}

template <typename Response>
Response lines_as(const core::Actor& actor, const std::vector<core::ImportLine>& lines) {
    Response response;
    for (const auto& line : lines) {
        auto& info = *response.add_lines();
        info.set_upstream_product_id(line.upstream_product_id);
        info.set_outcome(std::string(core::name_of(line.outcome)));
        info.set_reason(line.reason);
        if (line.old_price) info.set_old_price(line.old_price->to_string());
        if (!line.product) continue;
        auto& product = *info.mutable_product();
        fill_product(actor, *line.product, product);
        if (line.product->id.is_nil()) product.clear_id();
    }
    return response;
}

Result<upstream_wire::ListUpstreamProductsResponse> list(
    core::UpstreamService& upstreams, const CallContext& call,
    const upstream_wire::ListUpstreamProductsRequest& request) {
    const auto actor = actor_of(call);
    const auto catalogue = TRY(upstreams.list(request.provider_id()));
    upstream_wire::ListUpstreamProductsResponse response;
    for (const auto& product : catalogue.products) fill(actor, product, *response.add_products());
    for (const auto& product : catalogue.vanished) {
        fill_product(actor, product, *response.add_vanished());
    }
    return response;
}

Result<upstream_wire::ImportUpstreamProductsResponse> import(
    core::UpstreamService& upstreams, const CallContext& call,
    const upstream_wire::ImportUpstreamProductsRequest& request) {
    const auto actor = actor_of(call);
    const auto& ids = request.upstream_product_ids();
    const core::ImportProducts import{
        .provider_id = request.provider_id(),
        .upstream_product_ids = {ids.begin(), ids.end()},
        .group = TRY(parse_optional_id<core::GroupId>(request.group_id(), "group_id")),
        .markup_ratio = request.markup_ratio(),
        .currency = request.currency(),
        .active = when(request.has_active(), request.active()),
        .replaces_texts = request.replace_texts(),
        .is_preview = request.preview()};
    return lines_as<upstream_wire::ImportUpstreamProductsResponse>(
        actor, TRY(upstreams.import(actor, import)));
}

Result<upstream_wire::RepriceProductsResponse> reprice(
    core::UpstreamService& upstreams, const CallContext& call,
    const upstream_wire::RepriceProductsRequest& request) {
    const auto actor = actor_of(call);
    core::RepriceProducts reprice{.provider_id = request.provider_id(),
                                  .markup_ratio = request.markup_ratio(),
                                  .is_preview = request.preview()};
    for (const auto& id : request.product_ids()) {
        reprice.products.push_back(TRY(core::ProductId::parse(id, "product_ids")));
    }
    return lines_as<upstream_wire::RepriceProductsResponse>(actor,
                                                            TRY(upstreams.reprice(actor, reprice)));
}

}  // namespace

void add_upstream_methods(transport::MethodRegistry& registry, core::UpstreamService& upstreams) {
    registry.unary<upstream_wire::ListUpstreamProductsRequest,
                   upstream_wire::ListUpstreamProductsResponse>(
        "/rustbill.upstream.UpstreamService/ListUpstreamProducts",
        [&](CallContext& call, const auto& request) { return list(upstreams, call, request); });
    registry.unary<upstream_wire::ImportUpstreamProductsRequest,
                   upstream_wire::ImportUpstreamProductsResponse>(
        "/rustbill.upstream.UpstreamService/ImportUpstreamProducts",
        [&](CallContext& call, const auto& request) { return import(upstreams, call, request); });
    registry.unary<upstream_wire::RepriceProductsRequest, upstream_wire::RepriceProductsResponse>(
        "/rustbill.upstream.UpstreamService/RepriceProducts",
        [&](CallContext& call, const auto& request) { return reprice(upstreams, call, request); });
}

}  // namespace rb::server
