#include "core/catalogue/upstream_service.hpp"

#include "core/catalogue/product_service.hpp"

#include "support/identity_fixture.hpp"
#include "support/scripted_provider.hpp"

#include <gtest/gtest.h>

namespace rb::core {
namespace {

CatalogueItem item(const std::string& id, const std::string& monthly,
                   const std::string& currency = "CNY") {
    const auto held = *Currency::parse(currency);
    return {.upstream_product_id = id,
            .name = "Upstream " + id,
            .description = "# " + id,
            .specs = {{"cpu_cores", "2"}},
            .cost_by_cycle = {{"monthly", *Money::parse(monthly, held, "cost")}}};
}

class UpstreamTest : public testing::Test, protected test::IdentityFixture {
protected:
    UpstreamTest() {
        plugins.add(upstream);
        upstream->set_catalogue({item("a", "20.00"), item("b", "30.00")});
    }
    std::shared_ptr<test::ScriptedProvider> upstream =
        std::make_shared<test::ScriptedProvider>("upstream");
    ProductService products{db.database(), clock, ids};
    UpstreamService service{
        {.database = db.database(), .plugins = plugins, .clock = clock, .ids = ids}};
    Actor boss{.kind = ActorKind::admin, .user = UserId(ids.next())};

    std::vector<ImportLine> imported(ImportProducts request) {
        if (request.provider_id.empty()) request.provider_id = "upstream";
        auto lines = service.import(boss, request);
        EXPECT_TRUE(lines.has_value()) << (lines.has_error() ? lines.error().message : "");
        return *lines;
    }
    ImportLine imported_a(const std::string& ratio = "1.5") {
        return imported({.upstream_product_ids = {"a"}, .markup_ratio = ratio}).at(0);
    }
    std::string count() { return db.value("SELECT count(*) FROM products"); }
    std::string refusal(ImportProducts request) {
        if (request.provider_id.empty()) request.provider_id = "upstream";
        const auto lines = service.import(boss, request);
        return lines.has_error() ? lines.error().field : "none";
    }
};

TEST_F(UpstreamTest, makes_a_product_with_its_cost_and_a_price_by_the_ratio) {
    upstream->set_catalogue({{.upstream_product_id = "a",
                              .name = "  VPS  ",
                              .description = "text",
                              .specs = {{"region", "hk"}},
                              .cost_by_cycle = {{"monthly", Money(1999, Currency::cny())},
                                                {"yearly", Money(19990, Currency::cny())},
                                                {"weekly", Money(500, Currency::cny())}}}});
    const auto line = imported_a("1.15");
    EXPECT_EQ(line.outcome, ImportOutcome::created);
    EXPECT_FALSE(line.old_price.has_value());
    const auto kept = *products.get(boss, line.product->id);
    EXPECT_EQ(kept.name, "VPS");
    EXPECT_EQ(kept.provider_id, "upstream");
    EXPECT_EQ(kept.upstream_product_id, "a");
    EXPECT_EQ(kept.specs.at("upstream_product_id"), "a");
    EXPECT_EQ(kept.specs.at("region"), "hk");
    EXPECT_EQ(kept.cost_price->to_string(), "19.99");
    EXPECT_EQ(kept.cost_cycles.at(BillingCycle::yearly).to_string(), "199.90");
    EXPECT_EQ(kept.price.to_string(), "22.99");
    EXPECT_EQ(kept.billing_cycles.at(BillingCycle::monthly).to_string(), "22.99");
    // 199.90 × 1.15 = 229.885
    EXPECT_EQ(kept.billing_cycles.at(BillingCycle::yearly).to_string(), "229.89");
    EXPECT_EQ(kept.billing_cycles.size(), 2U);
    EXPECT_TRUE(kept.active);
    EXPECT_EQ(db.value("SELECT count(*) FROM operation_logs WHERE action = 'product.import'"), "1");
}

TEST_F(UpstreamTest, an_import_that_is_repeated_makes_no_second_product) {
    const auto first = imported_a();
    const auto again = imported_a();
    EXPECT_EQ(again.outcome, ImportOutcome::unchanged);
    EXPECT_EQ(again.product->id, first.product->id);
    EXPECT_EQ(count(), "1");
    EXPECT_EQ(db.value("SELECT count(*) FROM operation_logs"), "1");
}

TEST_F(UpstreamTest, a_second_import_follows_the_costs_and_keeps_what_was_chosen_here) {
    const auto id = imported_a().product->id;
    ASSERT_TRUE(products.update(boss, id, {.name = "Ours", .price = "99.00", .active = false}));
    auto changed = item("a", "25.00");
    changed.specs["cpu_cores"] = "4";
    upstream->set_catalogue({changed});

    const auto line = imported({.upstream_product_ids = {"a"}}).at(0);
    EXPECT_EQ(line.outcome, ImportOutcome::updated);
    EXPECT_EQ(line.product->name, "Ours");
    EXPECT_EQ(line.product->price.to_string(), "99.00");
    EXPECT_FALSE(line.product->active);
    EXPECT_EQ(line.product->cost_price->to_string(), "25.00");
    EXPECT_EQ(line.product->specs.at("cpu_cores"), "4");

    const auto asked = imported({.upstream_product_ids = {"a"},
                                 .markup_ratio = "2",
                                 .active = true,
                                 .replaces_texts = true})
                           .at(0);
    EXPECT_EQ(asked.old_price->to_string(), "99.00");
    EXPECT_EQ(asked.product->price.to_string(), "50.00");
    EXPECT_EQ(asked.product->name, "Upstream a");
    EXPECT_TRUE(asked.product->active);
    EXPECT_EQ(count(), "1");
}

TEST_F(UpstreamTest, a_preview_changes_nothing) {
    const auto line =
        imported({.upstream_product_ids = {"a"}, .markup_ratio = "1.5", .is_preview = true}).at(0);
    EXPECT_EQ(line.outcome, ImportOutcome::created);
    EXPECT_EQ(line.product->price.to_string(), "30.00");
    EXPECT_TRUE(line.product->id.is_nil());
    EXPECT_EQ(count(), "0");

    imported_a();
    upstream->set_catalogue({});
    const auto gone = imported({.upstream_product_ids = {"a"}, .is_preview = true}).at(0);
    EXPECT_EQ(gone.outcome, ImportOutcome::vanished);
    EXPECT_EQ(db.value("SELECT active FROM products"), "t");
}

TEST_F(UpstreamTest, what_vanished_upstream_is_reported_and_taken_off_sale) {
    const auto id = imported_a().product->id;
    upstream->set_catalogue({item("b", "30.00")});
    const auto seen = *service.list("upstream");
    ASSERT_EQ(seen.vanished.size(), 1U);
    EXPECT_EQ(seen.vanished.at(0).id, id);
    EXPECT_FALSE(seen.products.at(0).product.has_value());

    const auto lines = imported({.upstream_product_ids = {"b"}, .markup_ratio = "1.5"});
    ASSERT_EQ(lines.size(), 2U);
    EXPECT_EQ(lines.at(0).outcome, ImportOutcome::created);
    EXPECT_EQ(lines.at(1).outcome, ImportOutcome::vanished);
    EXPECT_EQ(lines.at(1).upstream_product_id, "a");
    EXPECT_EQ(products.get(Actor{}, id).error().code, ErrorCode::not_found);
    // Back upstream, it is not sold again before an administrator says so.
    upstream->set_catalogue({item("a", "20.00"), item("b", "30.00")});
    EXPECT_FALSE(imported({.upstream_product_ids = {"a"}}).at(0).product->active);
}

TEST_F(UpstreamTest, one_that_cannot_be_imported_stops_no_other) {
    auto nameless = item("b", "30.00");
    nameless.name = " ";
    auto priceless = item("c", "1.00");
    priceless.cost_by_cycle.clear();
    upstream->set_catalogue({item("a", "20.00"), nameless, priceless});
    const auto lines =
        imported({.upstream_product_ids = {"nowhere", "b", "c", "a"}, .markup_ratio = "1.5"});
    ASSERT_EQ(lines.size(), 4U);
    EXPECT_EQ(lines.at(0).outcome, ImportOutcome::refused);
    EXPECT_NE(lines.at(1).reason.find("name"), std::string::npos) << lines.at(1).reason;
    EXPECT_NE(lines.at(2).reason.find("cost"), std::string::npos) << lines.at(2).reason;
    EXPECT_EQ(lines.at(3).outcome, ImportOutcome::created);
    EXPECT_EQ(count(), "1");
}

TEST_F(UpstreamTest, needs_a_ratio_for_what_is_new) {
    const auto line = imported({.upstream_product_ids = {"a"}}).at(0);
    EXPECT_EQ(line.outcome, ImportOutcome::refused);
    EXPECT_NE(line.reason.find("markup_ratio"), std::string::npos);
    EXPECT_EQ(count(), "0");
}

TEST_F(UpstreamTest, names_the_field_that_breaks_its_rule) {
    EXPECT_EQ(refusal({}), "upstream_product_ids");
    EXPECT_EQ(refusal({.upstream_product_ids = {"a", "a"}}), "upstream_product_ids");
    EXPECT_EQ(refusal({.upstream_product_ids = {"a"}, .markup_ratio = "x"}), "markup_ratio");
    EXPECT_EQ(refusal({.upstream_product_ids = {"a"}, .currency = "yuan"}), "currency");
    EXPECT_EQ(refusal({.provider_id = "nobody", .upstream_product_ids = {"a"}}), "provider_id");
    std::vector<std::string> many;
    for (std::size_t i = 0; i < limits::import_products_max; ++i) {
        many.push_back("p" + std::to_string(i));
    }
    EXPECT_EQ(refusal({.upstream_product_ids = many}), "none");
    many.push_back("one more");
    EXPECT_EQ(refusal({.upstream_product_ids = many}), "upstream_product_ids");
}

TEST_F(UpstreamTest, takes_no_more_products_than_its_limit) {
    std::vector<CatalogueItem> items(limits::upstream_products_max, item("a", "20.00"));
    upstream->set_catalogue(items);
    EXPECT_TRUE(service.list("upstream").has_value());
    items.push_back(item("a", "20.00"));
    upstream->set_catalogue(items);
    EXPECT_EQ(service.list("upstream").error().code, ErrorCode::plugin_failed);
    upstream->set_reachable(false);
    EXPECT_EQ(service.list("upstream").error().code, ErrorCode::plugin_failed);
}

TEST_F(UpstreamTest, sells_in_another_currency_than_it_buys) {
    upstream->set_catalogue({item("a", "10.00", "USD")});
    const auto line =
        imported({.upstream_product_ids = {"a"}, .markup_ratio = "8.5", .currency = "CNY"}).at(0);
    const auto kept = *products.get(boss, line.product->id);
    EXPECT_EQ(kept.price, Money(8500, Currency::cny()));
    EXPECT_EQ(*kept.cost_price, Money(1000, *Currency::parse("USD")));
    EXPECT_FALSE(kept.sells_below_cost());
    const auto other = imported({.upstream_product_ids = {"a"}, .currency = "EUR"}).at(0);
    EXPECT_EQ(other.outcome, ImportOutcome::refused);
}

TEST_F(UpstreamTest, reprices_what_was_imported_by_its_stored_costs) {
    imported({.upstream_product_ids = {"a", "b"}, .markup_ratio = "1"});
    const auto own =
        products.create(boss, {.name = "own", .price = "5", .provider_id = "upstream"});
    upstream->set_reachable(false);

    const auto preview = *service.reprice(
        boss, {.provider_id = "upstream", .markup_ratio = "1.5", .is_preview = true});
    ASSERT_EQ(preview.size(), 2U);
    EXPECT_EQ(db.value("SELECT sum(price) FROM products"), "55.00");

    const auto lines = *service.reprice(boss, {.provider_id = "upstream", .markup_ratio = "1.5"});
    EXPECT_EQ(lines.at(0).old_price->to_string(), "20.00");
    EXPECT_EQ(lines.at(0).product->price.to_string(), "30.00");
    EXPECT_EQ(lines.at(1).product->billing_cycles.at(BillingCycle::monthly).to_string(), "45.00");
    EXPECT_EQ(db.value("SELECT sum(price) FROM products"), "80.00");
    EXPECT_EQ(
        service.reprice(boss, {.provider_id = "upstream", .markup_ratio = "1.5"})->at(0).outcome,
        ImportOutcome::unchanged);

    const auto named = *service.reprice(boss, {.provider_id = "upstream",
                                               .products = {own->id, ProductId(ids.next())},
                                               .markup_ratio = "2"});
    EXPECT_EQ(named.at(0).outcome, ImportOutcome::refused);
    EXPECT_EQ(named.at(1).outcome, ImportOutcome::refused);
    EXPECT_EQ(products.get(boss, own->id)->price.to_string(), "5.00");
}

TEST_F(UpstreamTest, leaves_a_cycle_without_a_cost_as_it_is_and_offers_none_anew) {
    const auto id = imported_a("1").product->id;
    ASSERT_TRUE(products.update(
        boss, id, {.billing_cycles = TextMap{{"monthly", "20.00"}, {"yearly", "150.00"}}}));
    auto more = item("a", "20.00");
    more.cost_by_cycle.emplace("quarterly", Money(5500, Currency::cny()));
    upstream->set_catalogue({more});
    const auto line = imported_a("2");
    EXPECT_EQ(line.product->billing_cycles.at(BillingCycle::monthly).to_string(), "40.00");
    EXPECT_EQ(line.product->billing_cycles.at(BillingCycle::yearly).to_string(), "150.00");
    EXPECT_FALSE(line.product->billing_cycles.contains(BillingCycle::quarterly));
    EXPECT_TRUE(line.product->cost_cycles.contains(BillingCycle::quarterly));
}

TEST_F(UpstreamTest, tells_what_sells_below_its_cost) {
    const auto id = imported_a("1").product->id;
    EXPECT_FALSE(products.get(boss, id)->sells_below_cost());
    upstream->set_catalogue({item("a", "20.01")});
    EXPECT_TRUE(imported({.upstream_product_ids = {"a"}}).at(0).product->sells_below_cost());
}

TEST_F(UpstreamTest, a_product_that_moves_to_another_provider_is_no_import_any_more) {
    const auto id = imported_a().product->id;
    ASSERT_TRUE(products.update(boss, id, {.provider_id = "sandbox"}));
    EXPECT_FALSE(products.get(boss, id)->cost_price.has_value());
    EXPECT_EQ(imported_a().outcome, ImportOutcome::created);
    EXPECT_EQ(count(), "2");
}

}  // namespace
}  // namespace rb::core
