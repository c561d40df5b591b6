#include "server/handlers/caller.hpp"
#include "server/handlers/product/product_methods.hpp"
#include "server/handlers/wire_values.hpp"

namespace rb::server {

namespace product_wire = rustbill::product;
using transport::CallContext;

namespace {

void fill(const core::Group& group, product_wire::ProductGroupInfo& info) {
    info.set_id(group.id.to_string());
    info.set_name(group.name);
    info.set_description(group.description);
    info.set_sort_order(group.sort_order);
    info.set_product_count(group.product_count);
    info.set_created_at(time_text(group.created_at));
    info.set_updated_at(time_text(group.updated_at));
    info.set_category_id(id_text(group.category));
}

// Both requests carry the same fields.
template <typename Request>
Result<core::GroupFields> group_fields(const Request& request) {
    return core::GroupFields{
        .name = request.name(),
        .description = request.description(),
        .sort_order = request.sort_order(),
        .category = TRY(parse_optional_id<core::CategoryId>(request.category_id(), "category_id"))};
}

Result<product_wire::ListProductGroupsResponse> list(
    core::GroupService& groups, const CallContext& call,
    const product_wire::ListProductGroupsRequest& request) {
    const auto page = TRY(page_of(request.pagination()));
    const auto category =
        TRY(parse_optional_id<core::CategoryId>(request.category_id(), "category_id"));
    const auto found = TRY(groups.list(actor_of(call), category, page));
    product_wire::ListProductGroupsResponse response;
    for (const auto& group : found.items) fill(group, *response.add_groups());
    fill_meta(found.total, page, *response.mutable_meta());
    return response;
}

}  // namespace

void add_product_group_methods(transport::MethodRegistry& registry, core::GroupService& groups) {
    registry.unary<product_wire::ListProductGroupsRequest, product_wire::ListProductGroupsResponse>(
        "/rustbill.product.ProductGroupService/ListProductGroups",
        [&](CallContext& call, const auto& request) { return list(groups, call, request); });
    registry.unary<product_wire::GetProductGroupRequest, product_wire::GetProductGroupResponse>(
        "/rustbill.product.ProductGroupService/GetProductGroup",
        [&](CallContext& call,
            const auto& request) -> Result<product_wire::GetProductGroupResponse> {
            const auto id = TRY(core::GroupId::parse(request.id(), "id"));
            product_wire::GetProductGroupResponse response;
            fill(TRY(groups.get(actor_of(call), id)), *response.mutable_group());
            return response;
        });
    registry
        .unary<product_wire::CreateProductGroupRequest, product_wire::CreateProductGroupResponse>(
            "/rustbill.product.ProductGroupService/CreateProductGroup",
            [&](CallContext& call,
                const auto& request) -> Result<product_wire::CreateProductGroupResponse> {
                const auto fields = TRY(group_fields(request));
                product_wire::CreateProductGroupResponse response;
                fill(TRY(groups.create(actor_of(call), fields)), *response.mutable_group());
                return response;
            });
    registry
        .unary<product_wire::UpdateProductGroupRequest, product_wire::UpdateProductGroupResponse>(
            "/rustbill.product.ProductGroupService/UpdateProductGroup",
            [&](CallContext& call,
                const auto& request) -> Result<product_wire::UpdateProductGroupResponse> {
                const auto id = TRY(core::GroupId::parse(request.id(), "id"));
                const auto fields = TRY(group_fields(request));
                product_wire::UpdateProductGroupResponse response;
                fill(TRY(groups.update(actor_of(call), id, fields)), *response.mutable_group());
                return response;
            });
    registry
        .unary<product_wire::DeleteProductGroupRequest, product_wire::DeleteProductGroupResponse>(
            "/rustbill.product.ProductGroupService/DeleteProductGroup",
            [&](CallContext& call,
                const auto& request) -> Result<product_wire::DeleteProductGroupResponse> {
                const auto id = TRY(core::GroupId::parse(request.id(), "id"));
                TRY(groups.remove(actor_of(call), id));
                return product_wire::DeleteProductGroupResponse();
            });
}

}  // namespace rb::server
