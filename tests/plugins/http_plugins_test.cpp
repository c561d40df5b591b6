// notifier-webhook and gateway-yipay over a real HTTP server.
#include "plugin/crypto/digest.hpp"
#include "plugin/encoding/text_encoding.hpp"
#include "plugin/http/cassette.hpp"

#include "plugins/http_peer.hpp"
#include "plugins/plugin_stage.hpp"

#include <gtest/gtest.h>

#include <map>

namespace rb::test {
namespace {

using namespace core;
using plugin::HashAlgorithm;
using plugin::Json;

Notification notification() {
    return {.key = {"n-1"},
            .template_name = "order.active",
            .recipient = "anna@example.org",
            .locale = "zh-CN",
            .subject = "已开通",
            .text = "您的服务器已开通",
            .html = "",
            .data = {{"order", "o-1"}}};
}

std::string webhook_config(const HttpPeer& peer) {
    return Json{
        {"url", peer.url() + "/hook"}, {"secret", "a secret of length"}, {"allow_private", true}}
        .dump();
}

TEST(Webhook, posts_signed_json) {
    HttpPeer peer([](const PeerRequest&) { return PeerAnswer{.status = 204}; });
    PluginStage stage;
    const auto webhook = stage.notifier("notifier-webhook", webhook_config(peer));
    EXPECT_EQ(webhook->channel(), NotifierChannel::webhook);
    const auto sent = webhook->send(notification());
    ASSERT_TRUE(sent.has_value()) << sent.error().message;
    const auto got = peer.requests().at(0);
    EXPECT_EQ(got.method, "POST");
    EXPECT_EQ(got.target, "/hook");
    EXPECT_EQ(got.headers.at("x-rustbill-delivery"), "n-1");
    EXPECT_EQ(got.headers.at("x-rustbill-timestamp"), "1800000000");
    const auto expected = plugin::hex_encode(
        plugin::hmac(HashAlgorithm::sha256, "a secret of length", "1800000000." + got.body));
    EXPECT_EQ(got.headers.at("x-rustbill-signature"), "v1=" + expected);
    const auto body = Json::parse(got.body);
    EXPECT_EQ(body["event"], "order.active");
    EXPECT_EQ(body["subject"], "已开通");
    EXPECT_EQ(body["data"]["order"], "o-1");
}

TEST(Webhook, tries_again_with_the_same_delivery_id) {
    int count = 0;
    HttpPeer peer([&](const PeerRequest&) {
        ++count;
        return count == 1 ? PeerAnswer{.hangs_up = true}
                          : PeerAnswer{.status = count == 2 ? 500 : 200};
    });
    PluginStage stage;
    ASSERT_TRUE(stage.notifier("notifier-webhook", webhook_config(peer))->send(notification()));
    const auto requests = peer.requests();
    ASSERT_EQ(requests.size(), 3U);
    for (const auto& request : requests) {
        EXPECT_EQ(request.headers.at("x-rustbill-delivery"), "n-1");
    }
}

TEST(Webhook, gives_up_after_its_tries_and_at_once_when_refused) {
    HttpPeer busy([](const PeerRequest&) { return PeerAnswer{.status = 500}; });
    PluginStage stage;
    EXPECT_EQ(
        stage.notifier("notifier-webhook", webhook_config(busy))->send(notification()).error().code,
        ErrorCode::plugin_failed);
    EXPECT_EQ(busy.requests().size(), 3U);
    HttpPeer gone([](const PeerRequest&) { return PeerAnswer{.status = 410}; });
    EXPECT_EQ(
        stage.notifier("notifier-webhook", webhook_config(gone))->send(notification()).error().code,
        ErrorCode::plugin_refused);
    EXPECT_EQ(gone.requests().size(), 1U);
}

TEST(Webhook, reaches_no_private_address_unless_the_administrator_allows_it) {
    HttpPeer peer([](const PeerRequest&) { return PeerAnswer{}; });
    PluginStage stage;
    const auto config =
        Json{{"url", peer.url()}, {"secret", "a secret of length"}, {"allow_private", false}}
            .dump();
    EXPECT_EQ(stage.notifier("notifier-webhook", config)->send(notification()).error().code,
              ErrorCode::plugin_refused);
    EXPECT_TRUE(peer.requests().empty());
}

// An EPay provider that keeps its own signature, computed here, apart from the script's.
struct Yipay : testing::Test {
    std::map<std::string, Json> orders;
    HttpPeer peer{[this](const PeerRequest& request) { return answer(request); }};
    PluginStage stage;

    static std::string sign(const std::map<std::string, std::string>& fields) {
        std::string base;
        for (const auto& [name, value] : fields) {
            if (name == "sign" || name == "sign_type" || value.empty()) continue;
            base += (base.empty() ? "" : "&") + name + "=" + value;
        }
        return plugin::hex_encode(plugin::digest(HashAlgorithm::md5, base + "k3y"));
    }
    static std::map<std::string, std::string> fields_of(const std::string& form) {
        const auto list = *plugin::form_decode(form);
        return {list.begin(), list.end()};
    }
    PeerAnswer answer(const PeerRequest& request) {
        const auto question = request.target.find('?');
        auto fields = fields_of(question == std::string::npos
                                    ? request.body
                                    : request.target.substr(question + 1) + "&" + request.body);
        if (request.target == "/mapi.php") {
            if (fields["sign"] != sign(fields)) return {.body = R"({"code":-1,"msg":"sign"})"};
            return {.body = R"({"code":1,"trade_no":"T1","qrcode":"weixin://pay/1"})"};
        }
        const auto found = orders.find(fields["out_trade_no"]);
        if (fields["act"] == "query") return {.body = R"({"code":1,"pid":1000})"};
        if (found == orders.end()) return {.body = R"({"code":-1,"msg":"no such order"})"};
        if (fields["act"] == "refund") return {.body = R"({"code":1,"msg":"ok"})"};
        return {.body = found->second.dump()};
    }
    std::shared_ptr<Gateway> gateway(const std::string& mode = "submit") {
        return stage.gateway("gateway-yipay", Json{{"endpoint", peer.url()},
                                                   {"pid", "1000"},
                                                   {"key", "k3y"},
                                                   {"mode", mode},
                                                   {"allow_private", true}}
                                                  .dump());
    }
    static PaymentRequest request() {
        return {.payment = PaymentId(*Uuid::parse("018f0000-0000-7000-8000-0000000000aa")),
                .amount = Money(2900, Currency::cny()),
                .description = "RustBill 订单 1",
                .notify_url = "https://shop.example/pay/notify",
                .return_url = "https://shop.example/orders",
                .payer_ip = "198.51.100.7"};
    }
    static PaymentRef ref() {
        return {.payment = request().payment,
                .gateway_payment_id = "",
                .gateway_tx_id = "T1",
                .amount = request().amount};
    }
    static RawCallback notify(std::map<std::string, std::string> fields) {
        fields["sign"] = sign(fields);
        fields["sign_type"] = "MD5";
        plugin::FieldList list(fields.begin(), fields.end());
        return {.method = "GET",
                .path = "/x",
                .query = plugin::form_encode(list),
                .headers = {},
                .body = ""};
    }
    static std::map<std::string, std::string> paid() {
        return {{"pid", "1000"},
                {"trade_no", "T1"},
                {"out_trade_no", request().payment.to_string()},
                {"type", "alipay"},
                {"name", "RustBill 订单 1"},
                {"money", "29.00"},
                {"trade_status", "TRADE_SUCCESS"}};
    }
};

TEST_F(Yipay, submit_sends_the_payer_to_a_signed_page) {
    const auto made = gateway()->create_payment(request());
    ASSERT_TRUE(made.has_value()) << made.error().message;
    const auto question = made->payment_url.find("submit.php?");
    ASSERT_NE(question, std::string::npos);
    auto fields = fields_of(made->payment_url.substr(question + 11));
    EXPECT_EQ(fields["money"], "29.00");
    EXPECT_EQ(fields["out_trade_no"], request().payment.to_string());
    EXPECT_EQ(fields["sign"], sign(fields));
    EXPECT_TRUE(peer.requests().empty());
}

TEST_F(Yipay, mapi_answers_with_a_qr_code) {
    const auto made = gateway("mapi")->create_payment(request());
    ASSERT_TRUE(made.has_value()) << made.error().message;
    EXPECT_EQ(made->qr_text, "weixin://pay/1");
    EXPECT_EQ(made->gateway_payment_id, "T1");
}

TEST_F(Yipay, believes_a_notification_that_is_signed_and_ours) {
    const auto reading = gateway()->read_callback(notify(paid()));
    ASSERT_TRUE(reading.has_value()) << reading.error().message;
    EXPECT_EQ(reading->kind, CallbackKind::paid);
    EXPECT_EQ(reading->external_id, "T1");
    EXPECT_EQ(reading->payment, request().payment);
    EXPECT_EQ(*reading->amount, Money(2900, Currency::cny()));
    EXPECT_EQ(reading->accepted_reply.body, "success");
    EXPECT_EQ(reading->rejected_reply.body, "fail");
    auto open = paid();
    open["trade_status"] = "WAIT";
    EXPECT_EQ(gateway()->read_callback(notify(open))->kind, CallbackKind::ignored);
}

TEST_F(Yipay, refuses_a_notification_that_was_altered_or_is_for_another) {
    auto altered = notify(paid());
    altered.query.replace(altered.query.find("29.00"), 5, "00.01");
    EXPECT_EQ(gateway()->read_callback(altered).error().code, ErrorCode::plugin_refused);
    auto other = paid();
    other["pid"] = "1001";
    EXPECT_EQ(gateway()->read_callback(notify(other)).error().code, ErrorCode::plugin_refused);
    RawCallback empty{.method = "GET", .path = "/", .query = "", .headers = {}, .body = ""};
    EXPECT_EQ(gateway()->read_callback(empty).error().code, ErrorCode::plugin_refused);
}

TEST_F(Yipay, asks_what_became_of_a_payment) {
    EXPECT_EQ(gateway()->query(ref())->state, GatewayPaymentState::not_found);
    const auto id = request().payment.to_string();
    orders[id] = {
        {"code", 1}, {"status", 0}, {"out_trade_no", id}, {"money", "29.00"}, {"trade_no", "T1"}};
    EXPECT_EQ(gateway()->query(ref())->state, GatewayPaymentState::pending);
    orders[id]["status"] = "1";
    const auto found = gateway()->query(ref());
    ASSERT_TRUE(found.has_value()) << found.error().message;
    EXPECT_EQ(found->state, GatewayPaymentState::paid);
    EXPECT_EQ(*found->amount, request().amount);
    EXPECT_EQ(found->gateway_tx_id, "T1");
    EXPECT_TRUE(gateway()->health()->is_healthy);
}

TEST_F(Yipay, pays_back_what_it_is_asked_to) {
    const GatewayRefundRequest refund{
        .refund = {}, .payment = ref(), .amount = Money(900, Currency::cny()), .reason = "part"};
    EXPECT_EQ(gateway()->refund(refund).error().code, ErrorCode::plugin_refused);
    orders[request().payment.to_string()] = Json::object();
    EXPECT_TRUE(gateway()->refund(refund)->is_final);
    const auto fields = fields_of(peer.requests().back().body);
    EXPECT_EQ(fields.at("money"), "9.00");
}

TEST_F(Yipay, its_traffic_replays_from_a_cassette_without_the_key) {
    orders[request().payment.to_string()] = {{"code", 1},
                                             {"status", 1},
                                             {"out_trade_no", request().payment.to_string()},
                                             {"money", "29.00"},
                                             {"trade_no", "T1"}};
    StageLog log;
    plugin::CurlHttpClient curl(log);
    plugin::RecordingHttpClient recorder(curl, {"k3y"});
    const auto config =
        Json{{"endpoint", peer.url()}, {"pid", "1000"}, {"key", "k3y"}, {"allow_private", true}}
            .dump();
    PluginStage recording(recorder);
    ASSERT_TRUE(recording.gateway("gateway-yipay", config)->query(ref()));
    const auto tape = recorder.cassette();
    EXPECT_EQ(tape.find("k3y"), std::string::npos);
    auto replay = *plugin::ReplayingHttpClient::create(tape);
    PluginStage replaying(replay);
    EXPECT_EQ(replaying.gateway("gateway-yipay", config)->query(ref())->state,
              GatewayPaymentState::paid);
    EXPECT_EQ(replay.unused(), 0U);
}

}  // namespace
}  // namespace rb::test
