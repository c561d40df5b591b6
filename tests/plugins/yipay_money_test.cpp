// gateway-yipay as money sees it: the real plugin behind the payment services, over a real database
// and a real HTTP peer. What is forged, wrong, foreign or repeated moves nothing.
#include "plugin/crypto/digest.hpp"
#include "plugin/encoding/text_encoding.hpp"

#include "plugins/http_peer.hpp"
#include "plugins/plugin_stage.hpp"
#include "support/shop.hpp"

#include <gtest/gtest.h>

#include <map>

namespace rb::test {
namespace {

using namespace core;
using plugin::HashAlgorithm;
using plugin::Json;
using Fields = std::map<std::string, std::string>;

std::string sign(const Fields& fields) {
    std::string base;
    for (const auto& [name, value] : fields) {
        if (name == "sign" || name == "sign_type" || value.empty()) continue;
        base += (base.empty() ? "" : "&") + name + "=" + value;
    }
    return plugin::hex_encode(plugin::digest(HashAlgorithm::md5, base + "k3y"));
}

struct YipayMoney : testing::Test {
    HttpPeer peer{[](const PeerRequest&) {
        return PeerAnswer{.body = R"({"code":1,"trade_no":"T1","qrcode":"weixin://pay/1"})"};
    }};
    PluginStage stage;
    Shop shop;
    CustomerId owner = shop.add_customer("0.00");
    Order order = shop.order(owner);
    std::optional<Payment> paying;

    void SetUp() override {
        auto options = stage.load("gateway-yipay", Json{{"endpoint", peer.url()},
                                                        {"pid", "1000"},
                                                        {"key", "k3y"},
                                                        {"pay_type", "wxpay"},
                                                        {"mode", "mapi"},
                                                        {"allow_private", true}}
                                                       .dump());
        options.interface_id = "yipay";
        shop.plugins.add(std::make_shared<plugin::ScriptGateway>(std::move(options)));
        const auto started = shop.orders.pay(shop.customer(owner), order.id, "yipay", "");
        ASSERT_TRUE(started.has_value()) << started.error().message;
        paying = shop.payments.find(shop.admin(), started->payment).value();
    }
    Fields paid(const std::string& money = "12.00") const {
        return {{"pid", "1000"},
                {"trade_no", "T1"},
                {"out_trade_no", paying->id.to_string()},
                {"type", "wxpay"},
                {"name", "Order"},
                {"money", money},
                {"trade_status", "TRADE_SUCCESS"}};
    }
    static RawCallback unsigned_callback(const Fields& fields) {
        return {.method = "GET",
                .path = "/",
                .query = plugin::form_encode({fields.begin(), fields.end()}),
                .headers = {},
                .body = ""};
    }
    static RawCallback signed_callback(Fields fields) {
        fields["sign"] = sign(fields);
        fields["sign_type"] = "MD5";
        return unsigned_callback(fields);
    }
    CallbackReply send(const RawCallback& callback) {
        return shop.payments.receive_callback("yipay", callback, "203.0.113.9");
    }
    void expect_nothing_moved() {
        EXPECT_EQ(shop.payments.find(shop.admin(), paying->id)->status, PaymentStatus::pending);
        EXPECT_EQ(shop.db.value("SELECT count(*) FROM ledger_entries"), "0");
    }
};

TEST_F(YipayMoney, the_order_is_asked_for_in_exact_text_and_answers_with_a_qr_code) {
    const auto form = *plugin::form_decode(peer.requests().at(0).body);
    const Fields fields(form.begin(), form.end());
    EXPECT_EQ(fields.at("money"), "12.00");
    EXPECT_EQ(fields.at("type"), "wxpay");
    EXPECT_EQ(fields.at("out_trade_no"), paying->id.to_string());
    EXPECT_EQ(fields.at("sign"), sign(fields));
    EXPECT_TRUE(fields.at("notify_url").starts_with("https://shop.example/"));
    EXPECT_EQ(paying->qr_text, "weixin://pay/1");
    EXPECT_EQ(paying->amount, Money(1200, Currency::cny()));
}

TEST_F(YipayMoney, a_notification_pays_once_however_often_it_comes) {
    for (int i = 0; i < 3; ++i) EXPECT_EQ(send(signed_callback(paid())).body, "success");
    EXPECT_EQ(shop.payments.find(shop.admin(), paying->id)->status, PaymentStatus::success);
    EXPECT_EQ(shop.payments.find(shop.admin(), paying->id)->gateway_tx_id, "T1");
    EXPECT_EQ(shop.orders.find(shop.admin(), order.id)->status, OrderStatus::paid);
    EXPECT_EQ(shop.db.value("SELECT count(*) FROM ledger_entries"), "1");
    EXPECT_EQ(shop.first_fault(), "");
}

TEST_F(YipayMoney, an_amount_is_the_same_however_many_zeros_it_has) {
    EXPECT_EQ(send(signed_callback(paid("12"))).body, "success");
    EXPECT_EQ(shop.payments.find(shop.admin(), paying->id)->status, PaymentStatus::success);
}

TEST_F(YipayMoney, what_is_forged_moves_nothing) {
    auto forged = paid();
    forged["sign"] = std::string(32, '0');
    EXPECT_NE(send(unsigned_callback(forged)).body, "success");
    forged.erase("sign");
    EXPECT_NE(send(unsigned_callback(forged)).body, "success");
    auto altered = signed_callback(paid("0.01"));
    altered.query.replace(altered.query.find("0.01"), 4, "12.00");
    EXPECT_NE(send(altered).body, "success");
    expect_nothing_moved();
}

TEST_F(YipayMoney, a_wrong_amount_moves_nothing_though_it_is_signed) {
    for (const auto* money :
         {"0.01", "11.99", "12.01", "1200.00", "-12.00", "12.001", "1.2e1", ""}) {
        EXPECT_NE(send(signed_callback(paid(money))).body, "success") << money;
    }
    expect_nothing_moved();
}

TEST_F(YipayMoney, what_is_for_another_merchant_or_payment_moves_nothing) {
    auto foreign = paid();
    foreign["pid"] = "1001";
    EXPECT_NE(send(signed_callback(foreign)).body, "success");
    auto other = paid();
    other["out_trade_no"] = "018f0000-0000-7000-8000-0000000000ff";
    EXPECT_NE(send(signed_callback(other)).body, "success");
    other["out_trade_no"] = "no id of ours";
    EXPECT_NE(send(signed_callback(other)).body, "success");
    expect_nothing_moved();
}

// The protocol names no currency, so the interface's own is what was paid.
TEST_F(YipayMoney, a_payment_in_another_currency_is_not_taken_for_ours) {
    auto options = stage.load("gateway-yipay", Json{{"endpoint", peer.url()},
                                                    {"pid", "1000"},
                                                    {"key", "k3y"},
                                                    {"currency", "JPY"},
                                                    {"allow_private", true}}
                                                   .dump());
    options.interface_id = "yipay-jpy";
    shop.plugins.add(std::make_shared<plugin::ScriptGateway>(std::move(options)));
    const auto refused = shop.orders.pay(shop.customer(owner), order.id, "yipay-jpy", "");
    EXPECT_TRUE(refused.has_error());
    EXPECT_NE(
        shop.payments.receive_callback("yipay-jpy", signed_callback(paid()), "203.0.113.9").body,
        "success");
    expect_nothing_moved();
}

}  // namespace
}  // namespace rb::test
