#include "core/catalogue/category_service.hpp"
#include "core/catalogue/group_service.hpp"
#include "core/catalogue/product_service.hpp"

#include "support/identity_fixture.hpp"

#include <gtest/gtest.h>

namespace rb::core {
namespace {

class CatalogueTest : public testing::Test, protected test::IdentityFixture {
protected:
    CategoryService categories{db.database(), clock, ids};
    GroupService groups{db.database(), clock, ids};
    ProductService products{db.database(), clock, ids};
    Actor boss{.kind = ActorKind::admin, .user = UserId(ids.next())};
    Actor anybody;

    Product made(NewProduct request) {
        if (request.provider_id.empty()) request.provider_id = "sandbox";
        if (request.price.empty() && request.billing_cycles.empty()) request.price = "29";
        auto created = products.create(boss, request);
        EXPECT_TRUE(created.has_value()) << (created.has_error() ? created.error().message : "");
        return *created;
    }
    std::vector<std::string> names(const Actor& actor, const ProductQuery& query) {
        std::vector<std::string> found;
        const auto page = *products.list(actor, query, {});
        for (const auto& product : page.items) found.push_back(product.name);
        return found;
    }
    void reserve(ProductId product) {
        db.run(
            "INSERT INTO customers (id, name) VALUES ('01890000-0000-7000-8000-0000000000aa', 'x') "
            "ON CONFLICT DO NOTHING");
        const auto order = ids.next().to_string();
        db.run(
            "INSERT INTO orders (id, customer_id, product_id, provider_id, product_name, "
            "billing_cycle, status, total_amount, currency, expires_at) VALUES ('" +
            order + "', '01890000-0000-7000-8000-0000000000aa', '" + product.to_string() +
            "', 'sandbox', 'x', 'monthly', 'pending', 1, 'CNY', now())");
        db.run("INSERT INTO stock_reservations (order_id, product_id) VALUES ('" + order + "', '" +
               product.to_string() + "')");
    }
};

TEST_F(CatalogueTest, keeps_a_product_as_it_was_given) {
    const auto group = groups.create(boss, {.name = "VPS"});
    const auto created = made({.name = "Small",
                               .description = "# Small\n\nserver",
                               .group = group->id,
                               .specs = {{"cpu_cores", "2"}, {"region", "cn-北京"}},
                               .billing_cycles = {{"monthly", "29"}, {"yearly", "290.5"}},
                               .currency = "USD",
                               .stock = 5,
                               .sort_order = 7});
    const auto found = products.get(anybody, created.id);
    ASSERT_TRUE(found.has_value());
    EXPECT_EQ(found->description, "# Small\n\nserver");
    EXPECT_EQ(found->group, group->id);
    EXPECT_EQ(found->price.to_string(), "29.00");
    EXPECT_EQ(found->price.currency().code(), "USD");
    EXPECT_EQ(found->specs.at("region"), "cn-北京");
    EXPECT_EQ(found->billing_cycles.at(BillingCycle::yearly).to_string(), "290.50");
    EXPECT_EQ(found->stock, 5);
    EXPECT_EQ(found->available, 5);
    EXPECT_EQ(found->sort_order, 7u);
}

TEST_F(CatalogueTest, shows_inactive_products_to_staff_only) {
    made({.name = "Sold"});
    const auto hidden = made({.name = "Hidden", .active = false});
    EXPECT_EQ(names(anybody, {}), (std::vector<std::string>{"Sold"}));
    EXPECT_TRUE(names(anybody, {.is_active = false}).empty());
    EXPECT_EQ(names(boss, {}), (std::vector<std::string>{"Hidden", "Sold"}));
    EXPECT_EQ(names(boss, {.is_active = false}), (std::vector<std::string>{"Hidden"}));
    EXPECT_EQ(products.get(anybody, hidden.id).error().code, ErrorCode::not_found);
    EXPECT_EQ(products.get({.kind = ActorKind::api_key}, hidden.id).error().code,
              ErrorCode::not_found);
    EXPECT_TRUE(products.get(boss, hidden.id).has_value());
}

TEST_F(CatalogueTest, filters_by_group_provider_region_and_text) {
    const auto group = groups.create(boss, {.name = "VPS"});
    made({.name = "A", .group = group->id, .specs = {{"region", "hk"}}});
    made({.name = "B", .provider_id = "incus", .specs = {{"region", "cn"}}});
    made({.name = "C 100%", .description = "fast Disk"});
    EXPECT_EQ(names(anybody, {.region = "hk"}), (std::vector<std::string>{"A"}));
    EXPECT_EQ(names(anybody, {.provider_id = "incus"}), (std::vector<std::string>{"B"}));
    EXPECT_EQ(names(anybody, {.group = group->id}), (std::vector<std::string>{"A"}));
    EXPECT_EQ(names(anybody, {.search = "disk"}), (std::vector<std::string>{"C 100%"}));
    EXPECT_EQ(names(anybody, {.search = "0%"}), (std::vector<std::string>{"C 100%"}));
    EXPECT_TRUE(names(anybody, {.search = "a_"}).empty());
    EXPECT_EQ(products.list(anybody, {.search = std::string(101, 'a')}, {}).error().field,
              "search");
}

TEST_F(CatalogueTest, pages_by_sort_order_and_name) {
    for (const char* name : {"c", "a", "b"}) made({.name = name});
    made({.name = "z", .sort_order = 0});
    made({.name = "first", .sort_order = 0});
    const auto second = products.list(anybody, {}, {.page = 2, .page_size = 2});
    ASSERT_TRUE(second.has_value());
    EXPECT_EQ(second->total, 5u);
    ASSERT_EQ(second->items.size(), 2u);
    EXPECT_EQ(second->items[0].name, "c");
    EXPECT_EQ(second->items[1].name, "first");
}

TEST_F(CatalogueTest, counts_what_is_left_from_the_reservations) {
    const auto product = made({.name = "Small", .stock = 2});
    reserve(product.id);
    EXPECT_EQ(products.get(anybody, product.id)->available, 1);
    reserve(product.id);
    EXPECT_EQ(products.get(anybody, product.id)->available, 0);
    // Lowered below what is held: nothing is left, not less than nothing.
    EXPECT_EQ(products.update(boss, product.id, {.stock = 1})->available, 0);
    db.run("UPDATE stock_reservations SET released_at = now()");
    EXPECT_EQ(products.get(anybody, product.id)->available, 1);
    const auto endless = products.update(boss, product.id, {.stock = -1});
    EXPECT_EQ(endless->stock, std::nullopt);
    EXPECT_EQ(endless->available, std::nullopt);
}

TEST_F(CatalogueTest, changes_what_is_named_and_keeps_price_and_monthly_cycle_the_same) {
    const auto product =
        made({.name = "Small", .billing_cycles = {{"monthly", "10"}, {"yearly", "100"}}});
    auto changed = products.update(boss, product.id, {.price = "12"});
    EXPECT_EQ(changed->billing_cycles.at(BillingCycle::monthly).to_string(), "12.00");
    EXPECT_EQ(changed->billing_cycles.at(BillingCycle::yearly).to_string(), "100.00");
    EXPECT_EQ(changed->name, "Small");
    changed = products.update(boss, product.id, {.billing_cycles = TextMap{{"monthly", "15"}}});
    EXPECT_EQ(changed->price.to_string(), "15.00");
    EXPECT_EQ(
        products
            .update(boss, product.id, {.price = "1", .billing_cycles = TextMap{{"monthly", "2"}}})
            .error()
            .field,
        "price");
    EXPECT_EQ(db.value("SELECT count(*) FROM operation_logs WHERE action = 'product.update'"), "2");
}

TEST_F(CatalogueTest, refuses_a_group_or_category_that_does_not_exist) {
    const auto nowhere = ids.next();
    EXPECT_EQ(
        products
            .create(boss,
                    {.name = "x", .price = "1", .provider_id = "p", .group = GroupId(nowhere)})
            .error()
            .field,
        "group_id");
    const auto refused = groups.create(boss, {.name = "x", .category = CategoryId(nowhere)});
    EXPECT_EQ(refused.error().field, "category_id");
    EXPECT_EQ(refused.error().code, ErrorCode::failed_precondition);
    EXPECT_EQ(db.value("SELECT count(*) FROM operation_logs"), "0");
}

TEST_F(CatalogueTest, deletes_nothing_that_is_referred_to) {
    const auto category = categories.create(boss, {.name = "Servers"});
    const auto group = groups.create(boss, {.name = "VPS", .category = category->id});
    const auto product = made({.name = "Small", .group = group->id});
    reserve(product.id);
    EXPECT_EQ(categories.remove(boss, category->id).error().code, ErrorCode::failed_precondition);
    EXPECT_EQ(groups.remove(boss, group->id).error().code, ErrorCode::failed_precondition);
    const auto refused = products.remove(boss, product.id);
    EXPECT_EQ(refused.error().code, ErrorCode::failed_precondition);
    EXPECT_NE(refused.error().message.find("deactivate"), std::string::npos);

    db.run("DELETE FROM stock_reservations; DELETE FROM orders");
    EXPECT_TRUE(products.remove(boss, product.id).has_value());
    EXPECT_TRUE(groups.remove(boss, group->id).has_value());
    EXPECT_TRUE(categories.remove(boss, category->id).has_value());
    EXPECT_EQ(categories.remove(boss, category->id).error().code, ErrorCode::not_found);
}

TEST_F(CatalogueTest, keeps_names_unique_where_they_stand) {
    const auto category = categories.create(boss, {.name = "Servers"});
    EXPECT_EQ(categories.create(boss, {.name = "Servers"}).error().field, "name");
    EXPECT_TRUE(groups.create(boss, {.name = "VPS"}).has_value());
    EXPECT_EQ(groups.create(boss, {.name = "VPS"}).error().code, ErrorCode::already_exists);
    EXPECT_TRUE(groups.create(boss, {.name = "VPS", .category = category->id}).has_value());
}

TEST_F(CatalogueTest, counts_groups_and_the_products_a_reader_may_see) {
    const auto category = categories.create(boss, {.name = "Servers", .sort_order = -1});
    const auto group = groups.create(boss, {.name = "VPS", .category = category->id});
    made({.name = "A", .group = group->id});
    made({.name = "B", .group = group->id, .active = false});
    EXPECT_EQ(categories.get(category->id)->group_count, 1u);
    EXPECT_EQ(groups.get(anybody, group->id)->product_count, 1u);
    EXPECT_EQ(groups.get(boss, group->id)->product_count, 2u);
    EXPECT_EQ(groups.list(anybody, category->id, {})->items.at(0).product_count, 1u);
    EXPECT_EQ(groups.list(anybody, CategoryId(ids.next()), {})->total, 0u);
}

}  // namespace
}  // namespace rb::core
