#include "core/catalogue/product_rules.hpp"

#include <gtest/gtest.h>

namespace rb::core {
namespace {

const auto cny = Currency::cny();

Product sample() {
    return {.provider_id = "sandbox", .name = "Small", .price = Money(2900, cny)};
}

void expect_refused(const Product& product, const char* field) {
    const auto checked = check_product(product);
    ASSERT_TRUE(checked.has_error()) << field;
    EXPECT_EQ(checked.error().field, field);
}

TEST(Product, is_refused_with_the_field_that_breaks_its_rule) {
    EXPECT_TRUE(check_product(sample()).has_value());
    auto product = sample();
    product.name = "";
    expect_refused(product, "name");
    product = sample();
    product.provider_id = "";
    expect_refused(product, "provider_id");
    product = sample();
    product.price = Money(-1, cny);
    expect_refused(product, "price");
    product = sample();
    product.specs = {{"cpu cores", "2"}};
    expect_refused(product, "specs");
}

TEST(Product, ends_at_its_limits) {
    auto product = sample();
    product.name = std::string(limits::product_name_chars_max, 'a');
    product.description = std::string(limits::description_chars_max, 'a');
    product.provider_id = std::string(limits::provider_id_bytes_max, 'a');
    product.stock = limits::stock_max;
    product.sort_order = limits::sort_order_max;
    for (std::size_t i = 0; i < limits::specs_max; ++i) {
        product.specs["k" + std::to_string(i)] = std::string(limits::spec_value_chars_max, 'v');
    }
    EXPECT_TRUE(check_product(product).has_value());

    const auto refused = [&](const char* field, auto change) {
        auto larger = product;
        change(larger);
        expect_refused(larger, field);
    };
    refused("name", [](Product& p) { p.name += 'a'; });
    refused("description", [](Product& p) { p.description += 'a'; });
    refused("provider_id", [](Product& p) { p.provider_id += 'a'; });
    refused("stock", [](Product& p) { ++*p.stock; });
    refused("sort_order", [](Product& p) { ++p.sort_order; });
    refused("specs", [](Product& p) { p.specs["one_more"] = ""; });
    refused("specs", [](Product& p) { p.specs["k0"] += 'v'; });
}

TEST(BillingCycles, are_the_four_words_with_a_price_each) {
    const auto cycles = parse_billing_cycles({{"monthly", "29"}, {"yearly", "290.00"}}, cny);
    ASSERT_TRUE(cycles.has_value());
    EXPECT_EQ(cycles->at(BillingCycle::monthly), Money(2900, cny));
    EXPECT_EQ(cycles->at(BillingCycle::yearly), Money(29000, cny));
    for (const auto& [name, price] : std::map<std::string, std::string>{{"weekly", "1"},
                                                                        {"Monthly", "1"},
                                                                        {"monthly", "x"},
                                                                        {"yearly", "-1"},
                                                                        {"one_time", "1.001"}}) {
        EXPECT_EQ(parse_billing_cycles({{name, price}}, cny).error().field, "billing_cycles")
            << name;
    }
}

TEST(Price, follows_from_the_cycles_when_it_is_not_given) {
    using enum BillingCycle;
    EXPECT_EQ(*settle_price("12.50", {}, cny), Money(1250, cny));
    EXPECT_EQ(*settle_price("", {{monthly, Money(900, cny)}, {yearly, Money(9000, cny)}}, cny),
              Money(900, cny));
    EXPECT_EQ(*settle_price("", {{one_time, Money(5000, cny)}}, cny), Money(5000, cny));
    EXPECT_EQ(settle_price("", {}, cny).error().field, "price");
    EXPECT_EQ(
        settle_price("", {{quarterly, Money(1, cny)}, {yearly, Money(2, cny)}}, cny).error().field,
        "price");
    EXPECT_EQ(settle_price("8.00", {{monthly, Money(900, cny)}}, cny).error().field, "price");
}

TEST(PriceOf, is_that_of_the_cycle_and_of_no_other) {
    auto product = sample();
    EXPECT_EQ(product.price_of(BillingCycle::monthly), Money(2900, cny));
    EXPECT_EQ(product.price_of(BillingCycle::yearly), std::nullopt);
    product.billing_cycles = {{BillingCycle::yearly, Money(29000, cny)}};
    EXPECT_EQ(product.price_of(BillingCycle::monthly), std::nullopt);
    EXPECT_EQ(product.price_of(BillingCycle::yearly), Money(29000, cny));
}

}  // namespace
}  // namespace rb::core
