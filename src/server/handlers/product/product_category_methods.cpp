#include "server/handlers/caller.hpp"
#include "server/handlers/product/product_methods.hpp"
#include "server/handlers/wire_values.hpp"

namespace rb::server {

namespace wire = rustbill::product;
using transport::CallContext;

namespace {

void fill(const core::Category& category, wire::ProductCategoryInfo& info) {
    info.set_id(category.id.to_string());
    info.set_name(category.name);
    info.set_description(category.description);
    info.set_sort_order(category.sort_order);
    info.set_group_count(category.group_count);
    info.set_created_at(time_text(category.created_at));
    info.set_updated_at(time_text(category.updated_at));
}

// Both requests carry the same fields.
template <typename Request>
core::CategoryFields category_fields(const Request& request) {
    return {.name = request.name(),
            .description = request.description(),
            .sort_order = request.sort_order()};
}

Result<wire::ListProductCategoriesResponse> list(
    core::CategoryService& categories, const wire::ListProductCategoriesRequest& request) {
    const auto page = TRY(page_of(request.pagination()));
    const auto found = TRY(categories.list(page));
    wire::ListProductCategoriesResponse response;
    for (const auto& category : found.items) fill(category, *response.add_categories());
    fill_meta(found.total, page, *response.mutable_meta());
    return response;
}

}  // namespace

void add_product_category_methods(transport::MethodRegistry& registry,
                                  core::CategoryService& categories) {
    registry.unary<wire::CreateProductCategoryRequest, wire::CreateProductCategoryResponse>(
        "/rustbill.product.ProductCategoryService/CreateProductCategory",
        [&](CallContext& call, const auto& request) -> Result<wire::CreateProductCategoryResponse> {
            wire::CreateProductCategoryResponse response;
            fill(TRY(categories.create(actor_of(call), category_fields(request))),
                 *response.mutable_category());
            return response;
        });
    registry.unary<wire::ListProductCategoriesRequest, wire::ListProductCategoriesResponse>(
        "/rustbill.product.ProductCategoryService/ListProductCategories",
        [&](CallContext&, const auto& request) { return list(categories, request); });
    registry.unary<wire::GetProductCategoryRequest, wire::GetProductCategoryResponse>(
        "/rustbill.product.ProductCategoryService/GetProductCategory",
        [&](CallContext&, const auto& request) -> Result<wire::GetProductCategoryResponse> {
            const auto id = TRY(core::CategoryId::parse(request.id(), "id"));
            wire::GetProductCategoryResponse response;
            fill(TRY(categories.get(id)), *response.mutable_category());
            return response;
        });
    registry.unary<wire::UpdateProductCategoryRequest, wire::UpdateProductCategoryResponse>(
        "/rustbill.product.ProductCategoryService/UpdateProductCategory",
        [&](CallContext& call, const auto& request) -> Result<wire::UpdateProductCategoryResponse> {
            const auto id = TRY(core::CategoryId::parse(request.id(), "id"));
            wire::UpdateProductCategoryResponse response;
            fill(TRY(categories.update(actor_of(call), id, category_fields(request))),
                 *response.mutable_category());
            return response;
        });
    registry.unary<wire::DeleteProductCategoryRequest, wire::DeleteProductCategoryResponse>(
        "/rustbill.product.ProductCategoryService/DeleteProductCategory",
        [&](CallContext& call, const auto& request) -> Result<wire::DeleteProductCategoryResponse> {
            const auto id = TRY(core::CategoryId::parse(request.id(), "id"));
            TRY(categories.remove(actor_of(call), id));
            return wire::DeleteProductCategoryResponse();
        });
}

}  // namespace rb::server
