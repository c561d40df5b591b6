#include "server/handlers/caller.hpp"
#include "server/handlers/product/product_methods.hpp"
#include "server/handlers/wire_values.hpp"

namespace rb::server {

namespace product_wire = rustbill::product;
using transport::CallContext;

namespace {

void fill(const core::Category& category, product_wire::ProductCategoryInfo& info) {
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

Result<product_wire::ListProductCategoriesResponse> list(
    core::CategoryService& categories, const product_wire::ListProductCategoriesRequest& request) {
    const auto page = TRY(page_of(request.pagination()));
    const auto found = TRY(categories.list(page));
    product_wire::ListProductCategoriesResponse response;
    for (const auto& category : found.items) fill(category, *response.add_categories());
    fill_meta(found.total, page, *response.mutable_meta());
    return response;
}

}  // namespace

void add_product_category_methods(transport::MethodRegistry& registry,
                                  core::CategoryService& categories) {
    registry.unary<product_wire::CreateProductCategoryRequest,
                   product_wire::CreateProductCategoryResponse>(
        "/rustbill.product.ProductCategoryService/CreateProductCategory",
        [&](CallContext& call,
            const auto& request) -> Result<product_wire::CreateProductCategoryResponse> {
            product_wire::CreateProductCategoryResponse response;
            fill(TRY(categories.create(actor_of(call), category_fields(request))),
                 *response.mutable_category());
            return response;
        });
    registry.unary<product_wire::ListProductCategoriesRequest,
                   product_wire::ListProductCategoriesResponse>(
        "/rustbill.product.ProductCategoryService/ListProductCategories",
        [&](CallContext&, const auto& request) { return list(categories, request); });
    registry
        .unary<product_wire::GetProductCategoryRequest, product_wire::GetProductCategoryResponse>(
            "/rustbill.product.ProductCategoryService/GetProductCategory",
            [&](CallContext&,
                const auto& request) -> Result<product_wire::GetProductCategoryResponse> {
                const auto id = TRY(core::CategoryId::parse(request.id(), "id"));
                product_wire::GetProductCategoryResponse response;
                fill(TRY(categories.get(id)), *response.mutable_category());
                return response;
            });
    registry.unary<product_wire::UpdateProductCategoryRequest,
                   product_wire::UpdateProductCategoryResponse>(
        "/rustbill.product.ProductCategoryService/UpdateProductCategory",
        [&](CallContext& call,
            const auto& request) -> Result<product_wire::UpdateProductCategoryResponse> {
            const auto id = TRY(core::CategoryId::parse(request.id(), "id"));
            product_wire::UpdateProductCategoryResponse response;
            fill(TRY(categories.update(actor_of(call), id, category_fields(request))),
                 *response.mutable_category());
            return response;
        });
    registry.unary<product_wire::DeleteProductCategoryRequest,
                   product_wire::DeleteProductCategoryResponse>(
        "/rustbill.product.ProductCategoryService/DeleteProductCategory",
        [&](CallContext& call,
            const auto& request) -> Result<product_wire::DeleteProductCategoryResponse> {
            const auto id = TRY(core::CategoryId::parse(request.id(), "id"));
            TRY(categories.remove(actor_of(call), id));
            return product_wire::DeleteProductCategoryResponse();
        });
}

}  // namespace rb::server
