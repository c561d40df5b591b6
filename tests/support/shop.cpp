#include "support/shop.hpp"

#include <gtest/gtest.h>

namespace rb::test {

Result<std::shared_ptr<core::Provider>> StaticDirectory::find_provider(std::string_view id) {
    before_find();
    for (const auto& provider : providers_) {
        if (provider->id() == id) return provider;
    }
    return Error{ErrorCode::not_found, "there is no such provider"};
}

Result<std::shared_ptr<core::Gateway>> StaticDirectory::find_gateway(std::string_view id) {
    before_find();
    for (const auto& gateway : gateways_) {
        if (gateway->id() == id && !disabled.contains(id)) return gateway;
    }
    return Error{ErrorCode::not_found, "there is no such gateway"};
}

Result<core::CallbackGateway> StaticDirectory::find_gateway_for_callback(std::string_view id) {
    before_find();
    if (callback_failure) return *callback_failure;
    for (const auto& gateway : gateways_) {
        if (gateway->id() == id) {
            return core::CallbackGateway{.gateway = gateway, .is_enabled = !disabled.contains(id)};
        }
    }
    return Error{ErrorCode::not_found, "there is no such gateway"};
}

Shop::Shop() {
    bank->set_capabilities(
        {core::GatewayCapability::create_payment, core::GatewayCapability::manual_confirmation});
    plugins.add(provider);
    plugins.add(gateway);
    plugins.add(bank);
    product = add_product("12.00");
}

core::CustomerId Shop::add_customer(const std::string& balance, const std::string& credit_limit) {
    const auto id = ids.next_id<core::CustomerId>();
    db.run("INSERT INTO customers (id, name, credit_limit) VALUES ('" + id.to_string() +
           "', 'customer " + std::to_string(++customers_) + "', " + credit_limit + ")");
    if (balance != "0.00") {
        const auto adjusted = balances.adjust(admin(), id, balance, "for the test");
        EXPECT_TRUE(adjusted.has_value()) << adjusted.error().message << adjusted.error().detail;
    }
    return id;
}

core::ProductId Shop::add_product(const std::string& price, std::optional<int> stock) {
    const auto id = ids.next_id<core::ProductId>();
    db.run("INSERT INTO products (id, provider_id, name, price, specs, stock) VALUES ('" +
           id.to_string() + "', 'provider-test', 'Small server', " + price +
           ", '{\"cpu_cores\": \"2\"}', " + (stock ? std::to_string(*stock) : "NULL") + ")");
    return id;
}

core::Actor Shop::customer(core::CustomerId id) const {
    return {.kind = core::ActorKind::customer, .customer = id};
}

core::Actor Shop::admin() const {
    return {.kind = core::ActorKind::admin, .permissions = {"*"}};
}

core::Order Shop::order(core::CustomerId owner) {
    auto order = orders.create(customer(owner), {.product = product});
    EXPECT_TRUE(order.has_value()) << order.error().message << " " << order.error().detail;
    return *order;
}

std::string Shop::first_fault() {
    const auto report = core::LedgerVerifier(database).verify();
    if (report.has_error()) return report.error().message + " " + report.error().detail;
    if (!report->fault) return "";
    return report->fault->table + " " + report->fault->row + ": " + report->fault->why;
}

std::string Shop::balance(core::CustomerId id) {
    return db.value("SELECT balance FROM customers WHERE id = '" + id.to_string() + "'");
}

}  // namespace rb::test
