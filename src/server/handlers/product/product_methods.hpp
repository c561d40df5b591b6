// rustbill.product: ProductService, ProductGroupService, ProductCategoryService.

#pragma once

#include "core/catalogue/category_service.hpp"
#include "core/catalogue/group_service.hpp"
#include "core/catalogue/product_service.hpp"
#include "core/plugin/provider.hpp"

#include "transport/method_registry.hpp"

#include <rustbill/product.pb.h>

#include <vector>

namespace rb::server {

// The services must outlive the registry's methods.
void add_product_methods(transport::MethodRegistry& registry, core::ProductService& products);
void add_product_group_methods(transport::MethodRegistry& registry, core::GroupService& groups);
void add_product_category_methods(transport::MethodRegistry& registry,
                                  core::CategoryService& categories);

// A product as the caller may see it: what it costs us is for staff alone. Declared here, as other
// areas show products too.
void fill_product(const core::Actor& actor, const core::Product& product,
                  rustbill::product::ProductInfo& info);

// A provider's order form as clients read it.
void fill_spec_template(const std::vector<core::SpecField>& fields,
                        rustbill::product::SpecTemplate& spec_template);

}  // namespace rb::server
