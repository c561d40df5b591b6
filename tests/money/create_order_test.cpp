#include "core/order/spec_check.hpp"

#include "support/shop.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace rb::test {
namespace {

class CreateOrder : public testing::Test {
protected:
    CreateOrder() { owner_ = shop_.add_customer("100.00"); }
    Result<core::Order> create(core::NewOrder request) {
        request.product = shop_.product;
        return shop_.orders.create(shop_.customer(owner_), request);
    }
    Shop shop_;
    core::CustomerId owner_;
};

TEST_F(CreateOrder, takes_the_price_of_the_catalogue_and_the_products_specs) {
    const auto order = create({.product = {}});
    ASSERT_TRUE(order.has_value()) << order.error().detail;
    const auto read = *shop_.orders.find(shop_.customer(owner_), order->id);
    EXPECT_EQ(read.total_amount.to_string(), "12.00");
    EXPECT_EQ(read.spec.at("cpu_cores"), "2");
    EXPECT_EQ(read.status, core::OrderStatus::pending);
    EXPECT_EQ(read.expires_at - read.created_at, std::chrono::hours(24));
}

TEST_F(CreateOrder, a_cycle_that_is_not_offered_is_refused) {
    EXPECT_EQ(create({.product = {}, .billing_cycle = core::BillingCycle::yearly}).error().field,
              "billing_cycle");
}

TEST_F(CreateOrder, a_payment_method_that_does_not_exist_is_refused_now_and_not_when_paid) {
    const auto refused = create({.product = {}, .gateway_id = "bnak"});
    ASSERT_TRUE(refused.has_error());
    EXPECT_EQ(refused.error().code, ErrorCode::invalid_argument);
    EXPECT_EQ(refused.error().field, "gateway_id");
    EXPECT_EQ(shop_.db.value("SELECT count(*) FROM orders"), "0");
    for (const auto& known : {std::string(), std::string("balance"), shop_.gateway->id()}) {
        EXPECT_TRUE(create({.product = {}, .gateway_id = known}).has_value()) << known;
    }
}

TEST_F(CreateOrder, a_customer_cannot_order_for_another) {
    const auto other = shop_.add_customer("100.00");
    EXPECT_EQ(create({.customer = other, .product = {}}).error().code, ErrorCode::not_found);
}

TEST_F(CreateOrder, a_repeat_with_the_same_key_answers_the_first_and_another_request_clashes) {
    const auto first = create({.product = {}, .idempotency_key = "once"});
    const auto second = create({.product = {}, .idempotency_key = "once"});
    ASSERT_TRUE(second.has_value());
    EXPECT_EQ(second->id, first->id);
    EXPECT_EQ(create({.product = {}, .notes = "other", .idempotency_key = "once"}).error().code,
              ErrorCode::idempotency_conflict);
    EXPECT_EQ(shop_.db.value("SELECT count(*) FROM orders"), "1");
}

// The answer to the first call was lost, and the product is not what it was.
TEST_F(CreateOrder, a_repeat_answers_the_first_order_whatever_became_of_its_product) {
    const auto first = create({.product = {}, .idempotency_key = "once"});
    ASSERT_TRUE(first.has_value());
    const auto expect_first = [&](const char* change) {
        shop_.db.run(change);
        EXPECT_TRUE(create({.product = {}}).has_error()) << change;
        const auto again = create({.product = {}, .idempotency_key = "once"});
        ASSERT_TRUE(again.has_value()) << change << ": " << again.error().message;
        EXPECT_EQ(again->id, first->id) << change;
    };
    expect_first("UPDATE products SET provider_id = 'gone'");
    expect_first("UPDATE products SET billing_cycles = '{\"yearly\": \"120.00\"}'");
    expect_first("UPDATE products SET active = false");
    EXPECT_EQ(create({.product = {}, .notes = "other", .idempotency_key = "once"}).error().code,
              ErrorCode::idempotency_conflict);
    EXPECT_EQ(create({.product = {}, .idempotency_key = "new"}).error().code, ErrorCode::not_found);
    EXPECT_EQ(shop_.db.value("SELECT count(*) FROM orders"), "1");
}

TEST_F(CreateOrder, notes_at_the_limit_pass_and_past_it_do_not) {
    const std::string at(core::limits::order_notes_chars_max, 'n');
    EXPECT_TRUE(create({.product = {}, .notes = at}).has_value());
    EXPECT_EQ(create({.product = {}, .notes = at + "n"}).error().field, "notes");
}

// Pain 15: sixteen buyers, five servers.
TEST_F(CreateOrder, Pain15_stock_is_never_oversold) {
    shop_.product = shop_.add_product("12.00", 5);
    core::NoFaultPoint quiet;
    store_pg::PgDatabase database(shop_.db.pool(), quiet);
    core::OrderService service({.database = database,
                                .plugins = shop_.plugins,
                                .payments = shop_.payments,
                                .clock = shop_.clock,
                                .ids = shop_.ids,
                                .digester = shop_.digester,
                                .log = shop_.log});
    std::atomic<int> sold{0};
    std::atomic<int> refused{0};
    std::vector<std::thread> buyers;
    for (int buyer = 0; buyer < 16; ++buyer) {
        buyers.emplace_back([&] {
            const auto order = service.create(shop_.customer(owner_), {.product = shop_.product});
            if (order.has_value()) ++sold;
            if (order.has_error() && order.error().code == ErrorCode::out_of_stock) ++refused;
        });
    }
    for (auto& buyer : buyers) buyer.join();
    EXPECT_EQ(sold, 5);
    EXPECT_EQ(refused, 11);
}

TEST_F(CreateOrder, Pain15_stock_of_a_cancelled_order_is_for_sale_again) {
    shop_.product = shop_.add_product("12.00", 1);
    const auto first = create({.product = {}});
    EXPECT_EQ(create({.product = {}}).error().code, ErrorCode::out_of_stock);
    ASSERT_TRUE(shop_.orders.cancel(shop_.customer(owner_), first->id, "").has_value());
    EXPECT_TRUE(create({.product = {}}).has_value());
}

// Who pays nothing must not keep the stock from those who would.
TEST_F(CreateOrder, Pain15_one_customer_cannot_hold_all_the_stock_unpaid) {
    const int most = core::limits::unpaid_orders_of_product_max;
    shop_.product = shop_.add_product("12.00", most + 5);
    const auto first = create({.product = {}});
    for (int i = 3; i < most; ++i) ASSERT_TRUE(create({.product = {}}).has_value()) << i;
    // Eight at once for the last two.
    std::vector<std::thread> buyers;
    for (int buyer = 0; buyer < 8; ++buyer)
        buyers.emplace_back([&] { (void)create({.product = {}}); });
    for (auto& buyer : buyers) buyer.join();
    EXPECT_EQ(shop_.db.value("SELECT count(*) FROM orders"), std::to_string(most));
    EXPECT_EQ(create({.product = {}}).error().code, ErrorCode::too_many_requests);
    const auto other = shop_.add_customer("0.00");
    EXPECT_TRUE(shop_.orders.create(shop_.customer(other), {.product = shop_.product}).has_value());
    ASSERT_TRUE(shop_.orders.cancel(shop_.customer(owner_), first->id, "").has_value());
    EXPECT_TRUE(create({.product = {}}).has_value());
    // What is not counted keeps nothing from anybody.
    shop_.product = shop_.add_product("12.00");
    for (int i = 0; i <= most; ++i) ASSERT_TRUE(create({.product = {}}).has_value()) << i;
}

// Pain 14: a provider that hangs or fails has no part in a checkout.
TEST_F(CreateOrder, Pain14_checkout_and_payment_never_call_the_provider) {
    const auto order = create({.product = {}});
    ASSERT_TRUE(shop_.orders.pay(shop_.customer(owner_), order->id, "", "").has_value());
    EXPECT_EQ(shop_.provider->server_count(), 0U);
}

TEST(ResolveSpec, holds_every_rule_of_the_template) {
    const auto field = [](std::string key, std::string type) {
        core::SpecField made;
        made.key = std::move(key);
        made.field_type = std::move(type);
        return made;
    };
    std::vector<core::SpecField> fields = {field("os", "OsOptions"), field("disk_gb", "Integer"),
                                           field("backup", "Boolean")};
    fields[0].required = true;
    fields[0].options = {"debian", "alpine"};
    fields[1].min = 10;
    fields[1].max = 100;
    fields[1].default_value = "20";
    const core::StringMap fixed = {{"cpu_cores", "2"}};
    const auto resolve = [&](const core::StringMap& chosen) {
        return core::resolve_spec(fields, fixed, chosen);
    };
    const auto good = resolve({{"os", "debian"}});
    ASSERT_TRUE(good.has_value());
    EXPECT_EQ(*good, (core::StringMap{{"cpu_cores", "2"}, {"disk_gb", "20"}, {"os", "debian"}}));
    EXPECT_EQ(resolve({}).error().field, "server_spec.os");
    EXPECT_EQ(resolve({{"os", "windows"}}).error().field, "server_spec.os");
    EXPECT_EQ(resolve({{"os", "debian"}, {"gpu", "1"}}).error().field, "server_spec.gpu");
    EXPECT_EQ(resolve({{"os", "debian"}, {"disk_gb", "9"}}).error().field, "server_spec.disk_gb");
    EXPECT_TRUE(resolve({{"os", "debian"}, {"disk_gb", "100"}}).has_value());
    EXPECT_EQ(resolve({{"os", "debian"}, {"disk_gb", "101"}}).error().field, "server_spec.disk_gb");
    EXPECT_EQ(resolve({{"os", "debian"}, {"disk_gb", "20GB"}}).error().field,
              "server_spec.disk_gb");
    EXPECT_EQ(resolve({{"os", "debian"}, {"backup", "maybe"}}).error().field, "server_spec.backup");
    EXPECT_EQ(resolve({{"os", "debian"}, {"cpu_cores", "64"}}).error().field,
              "server_spec.cpu_cores");
    EXPECT_TRUE(resolve({{"os", "debian"}, {"cpu_cores", "2"}}).has_value());
    // A key that is none of the template's does not come back at any length.
    EXPECT_EQ(resolve({{std::string(256, 'k'), "1"}}).error().field,
              "server_spec." + std::string(256, 'k'));
    const auto too_long = resolve({{std::string(257, 'k'), "1"}});
    EXPECT_EQ(too_long.error().field, "server_spec");
    EXPECT_LT(too_long.error().message.size(), 100U);
}

TEST(ResolveSpec, does_not_tell_what_a_product_is_called_upstream) {
    core::SpecField field;
    field.key = "upstream_product_id";
    field.field_type = "String";
    field.required = true;
    const std::vector<core::SpecField> fields = {field};
    const core::StringMap fixed = {{"upstream_product_id", "their-secret-17"}};
    EXPECT_EQ(*core::resolve_spec(fields, fixed, {}), fixed);
    const auto refused = core::resolve_spec(fields, fixed, {{"upstream_product_id", "x"}});
    ASSERT_TRUE(refused.has_error());
    EXPECT_EQ(refused.error().field, "server_spec.upstream_product_id");
    EXPECT_EQ(refused.error().message.find("their-secret-17"), std::string::npos);
}

}  // namespace
}  // namespace rb::test
