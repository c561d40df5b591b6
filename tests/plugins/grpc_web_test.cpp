// host::grpc_web and the client under it, against a peer that speaks well, badly, slowly, or not at
// all. A script calls and says what it got.

#include "plugin/grpc/grpc_web_client.hpp"
#include "plugin/limits.hpp"

#include "plugins/grpc_web_peer.hpp"
#include "plugins/plugin_stage.hpp"

#include <gtest/gtest.h>
#include <rustbill/balance.pb.h>
#include <rustbill/order.pb.h>
#include <rustbill/product.pb.h>

#include <future>

namespace rb::test {
namespace {

using plugin::Json;

// A provider whose health is what one call answered: "ok: JSON" or "kind status: message".
std::string script(const std::string& call) {
    return R"(
pub fn manifest() {
    #{ id: "caller", "type": "UpstreamProvider", name: "Caller", version: "1", capabilities: ["health"],
       grants: #{ modules: ["grpc_web"], hosts: [#{ host: "config:url", private: "config:private" }] },
       config_schema: #{ "type": "object", properties: #{
           url: #{ "type": "string" }, private: #{ "type": "boolean", "default": true } } } }
}
pub fn health(config) {
    let answer = )" +
           call + R"(;
    let words = match answer {
        Ok(message) => `ok: ${json::to_string(message)?}`,
        Err(error) => `${error.kind} ${error.status}: ${error.message}`,
    };
    #{ healthy: answer.is_ok(), message: words }
}
)";
}

const std::string get_balance =
    R"(host::grpc_web::call(#{ url: config.url, method: "rustbill.balance.BalanceService/GetBalance",
       message: #{ customer_id: "c" }, headers: #{ "x-api-key": "k" }, timeout_ms: 5000 }))";

struct GrpcWeb : testing::Test {
    PluginStage stage;

    std::string said_by(const std::string& url, const std::string& call = get_balance,
                        bool allows_private = true) {
        const auto config = Json{{"url", url}, {"private", allows_private}}.dump();
        plugin::ScriptProvider provider(stage.load_text(script(call), config));
        const auto health = provider.health();
        return health.has_error() ? "error: " + health.error().message : health->message;
    }
    std::string said(const PeerAnswer& answer) {
        HttpPeer peer([&](const PeerRequest&) { return answer; });
        return said_by(peer.url());
    }
};

rustbill::balance::GetBalanceResponse held() {
    rustbill::balance::GetBalanceResponse response;
    response.set_customer_id("c");
    response.set_balance("12.00");
    return response;
}

TEST_F(GrpcWeb, sends_what_the_contract_asks_and_reads_the_answer) {
    HttpPeer peer([](const PeerRequest&) { return grpc_ok(held()); });
    const auto said = said_by(peer.url() + "/");
    ASSERT_TRUE(said.starts_with("ok: ")) << said;
    const auto message = Json::parse(said.substr(4));
    EXPECT_EQ(message["balance"], "12.00");
    // Fields that were not set are there all the same, under the names of the .proto.
    EXPECT_EQ(message["credit_limit"], "");
    const auto asked = peer.requests().at(0);
    EXPECT_EQ(asked.method, "POST");
    EXPECT_EQ(asked.target, "/rustbill.balance.BalanceService/GetBalance");
    EXPECT_EQ(asked.headers.at("content-type"), "application/grpc-web+proto");
    EXPECT_EQ(asked.headers.at("x-grpc-web"), "1");
    EXPECT_EQ(asked.headers.at("x-api-key"), "k");
    EXPECT_EQ(asked.headers.at("grpc-timeout"), "5000m");
    EXPECT_EQ(grpc_message<rustbill::balance::GetBalanceRequest>(asked).customer_id(), "c");
}

TEST_F(GrpcWeb, reads_a_failure_from_the_headers_and_from_the_trailers) {
    EXPECT_EQ(said(grpc_error(9, "no%20money%3A%20%C2%A55")), "refused 9: no money: ¥5");
    EXPECT_EQ(said({.body = trailer_frame(5, "no such thing")}), "refused 5: no such thing");
    // After a message, too: the status is what counts.
    EXPECT_EQ(said({.body = data_frame(held()) + trailer_frame(9, "late")}), "refused 9: late");
    EXPECT_EQ(
        said({.body = data_frame(held()) + grpc_frame('\x80', "Grpc-Status: 0 \r\nx-other: 1\r\n")})
            .substr(0, 3),
        "ok:");
}

TEST_F(GrpcWeb, tells_a_definite_no_from_what_may_have_happened) {
    for (const int status : {3, 5, 6, 7, 9, 11, 12, 16}) {
        EXPECT_TRUE(said(grpc_error(status, "x")).starts_with("refused ")) << status;
    }
    // Turned away before it was looked at.
    for (const int status : {8, 10}) {
        EXPECT_TRUE(said(grpc_error(status, "x")).starts_with("failed ")) << status;
    }
    for (const int status : {1, 2, 4, 13, 14, 15, 99}) {
        EXPECT_TRUE(said(grpc_error(status, "x")).starts_with("unknown ")) << status;
    }
}

TEST_F(GrpcWeb, takes_nothing_that_is_not_one_message_and_its_trailers) {
    const auto message = data_frame(held());
    const auto end = trailer_frame(0);
    const auto malformed = [&](const std::string& body, const std::string& why) {
        const auto words = said({.body = body});
        EXPECT_TRUE(words.starts_with("unknown -1: the answer is not gRPC-Web: ")) << words;
        EXPECT_NE(words.find(why), std::string::npos) << words;
    };
    malformed("", "no grpc-status");
    malformed("<html>welcome</html>", "a frame");
    malformed(message, "no grpc-status");
    malformed(message.substr(0, 3), "a frame is cut off");
    malformed(message.substr(0, message.size() - 1), "a frame is cut off");
    malformed(message + end.substr(0, end.size() - 1), "a frame is cut off");
    malformed(std::string("\0\xFF\xFF\xFF\xFF", 5), "a frame is cut off");
    malformed(message + message + end, "more than one message");
    malformed(message + end + message, "something follows the trailers");
    malformed(message + end + end, "something follows the trailers");
    malformed(grpc_frame('\x01', "compressed") + end, "a frame of an unknown kind");
    malformed(end, "no message");
    malformed(grpc_frame('\0', "\x0A\xFF") + end, "a broken message");
    malformed(grpc_frame('\0', "\x0A\x02\xC3\x28") + end, "a broken message");  // not UTF-8
    malformed(message + grpc_frame('\x80', "grpc-status: ok\r\n"), "no grpc-status");
    malformed(message + grpc_frame('\x80', "grpc-status: 0x\r\n"), "no grpc-status");
    malformed(message + grpc_frame('\x80', "grpc-status: -1\r\n"), "no grpc-status");
    malformed(message + grpc_frame('\x80', "grpc-status: 99999999999\r\n"), "no grpc-status");
}

TEST_F(GrpcWeb, takes_no_answer_for_one_of_gRPC_unless_HTTP_says_200) {
    for (const int status : {301, 400, 404, 500, 503}) {
        const auto words = said({.status = status, .body = data_frame(held()) + trailer_frame(0)});
        EXPECT_EQ(words,
                  "unknown -1: the answer is not gRPC-Web: HTTP status " + std::to_string(status));
    }
}

TEST_F(GrpcWeb, a_message_of_the_peer_is_decoded_bounded_and_UTF_8) {
    const auto at_limit = said(grpc_error(9, std::string(plugin::grpc_message_bytes_max, 'x')));
    EXPECT_EQ(at_limit, "refused 9: " + std::string(plugin::grpc_message_bytes_max, 'x'));
    EXPECT_EQ(said(grpc_error(9, std::string(plugin::grpc_message_bytes_max + 1, 'x'))), at_limit);
    // Cut between characters, never inside one.
    std::string wide;
    for (std::size_t i = 0; i < plugin::grpc_message_bytes_max; ++i) wide += "%E4%BD%99";
    EXPECT_EQ(said(grpc_error(9, wide)).size(), 11 + plugin::grpc_message_bytes_max / 3 * 3);
    EXPECT_EQ(said(grpc_error(9, "%FF")), "refused 9: a message that is not UTF-8");
    EXPECT_EQ(said(grpc_error(9, "100% sure")), "refused 9: 100% sure");
}

TEST_F(GrpcWeb, takes_no_answer_past_its_limit) {
    const auto words = said({.body = std::string(plugin::grpc_response_bytes_max + 1, '\0')});
    EXPECT_NE(words.find("larger than allowed"), std::string::npos) << words;
    EXPECT_TRUE(words.starts_with("unknown -1: ")) << words;
}

// Two bytes of an answer can be a whole message.
TEST(GrpcWebAnswer, may_not_become_much_larger_when_it_is_read) {
    const auto decoded = [](int products) {
        rustbill::product::ListProductsResponse response;
        for (int i = 0; i < products; ++i) response.add_products();
        return plugin::decode_grpc_answer("rustbill.product.ProductService/ListProducts",
                                          {.status = 200, .body = grpc_ok(response).body});
    };
    const auto fits = decoded(1'000);
    ASSERT_TRUE(fits.has_value()) << fits.error().message;
    EXPECT_EQ((*fits)["products"].size(), 1'000U);
    const auto large = decoded(200'000);
    ASSERT_TRUE(large.has_error());
    EXPECT_NE(large.error().message.find("a message too large"), std::string::npos);
}

TEST_F(GrpcWeb, waits_no_longer_than_it_was_told) {
    std::promise<void> over;
    auto ended = over.get_future().share();
    HttpPeer peer([&](const PeerRequest&) {
        ended.wait();
        return PeerAnswer{.hangs_up = true};
    });
    const auto words = said_by(peer.url(), R"(host::grpc_web::call(#{ url: config.url,
        method: "rustbill.balance.BalanceService/GetBalance", timeout_ms: 200 }))");
    over.set_value();
    EXPECT_TRUE(words.starts_with("unknown -1: ")) << words;
    EXPECT_EQ(peer.requests().at(0).headers.at("grpc-timeout"), "200m");
}

TEST_F(GrpcWeb, tells_a_peer_that_is_not_there_from_one_that_hung_up) {
    EXPECT_TRUE(said_by("http://127.0.0.1:1").starts_with("failed -1: "));
    EXPECT_TRUE(said({.hangs_up = true}).starts_with("unknown -1: "));
}

TEST_F(GrpcWeb, reaches_no_private_address_and_no_host_without_a_grant) {
    HttpPeer peer([](const PeerRequest&) { return grpc_ok(held()); });
    const auto words = said_by(peer.url(), get_balance, false);
    EXPECT_TRUE(words.starts_with("refused -1: ")) << words;
    EXPECT_NE(words.find("private address"), std::string::npos) << words;
    const auto elsewhere = said_by(peer.url(), R"(host::grpc_web::call(#{
        url: "https://elsewhere.example", method: "rustbill.balance.BalanceService/GetBalance" }))");
    EXPECT_NE(elsewhere.find("not granted"), std::string::npos) << elsewhere;
    EXPECT_TRUE(peer.requests().empty());
}

TEST_F(GrpcWeb, an_authority_that_is_none_is_not_taken_for_the_systems) {
    const auto words = said_by("https://127.0.0.1:1", R"(host::grpc_web::call(#{ url: config.url,
        method: "rustbill.balance.BalanceService/GetBalance", tls: #{ certificate: "no PEM" } }))");
    EXPECT_NE(words.find("option `certificate`"), std::string::npos) << words;
}

TEST_F(GrpcWeb, a_call_that_is_written_wrongly_says_how) {
    HttpPeer peer([](const PeerRequest&) { return grpc_ok(held()); });
    const auto wrong = [&](const std::string& options, const std::string& why) {
        const auto words =
            said_by(peer.url(), "host::grpc_web::call(#{ url: config.url, " + options + " })");
        EXPECT_NE(words.find(why), std::string::npos) << words;
    };
    const std::string method = R"(method: "rustbill.balance.BalanceService/GetBalance", )";
    wrong(R"(method: "rustbill.balance.BalanceService/GiveMoney")", "is not known");
    wrong(R"(method: "google.protobuf.Any")", "is not known");
    wrong(method + "message: #{ customer: \"c\" }", "message");
    wrong(method + "message: #{ customer_id: #{} }", "message");
    wrong(method + "message: []", "message");
    wrong(method + "timeout_ms: 0", "timeout_ms");
    wrong(method + "timeout_ms: \"5\"", "timeout_ms");
    wrong(method + "headers: #{ a: 1 }", "headers");
    wrong(method + "headers: [\"a\"]", "headers");
    wrong(method + "retries: 3", "no option `retries`");
    EXPECT_TRUE(peer.requests().empty());
}

TEST_F(GrpcWeb, one_call_of_a_script_makes_no_more_requests_than_its_limit) {
    HttpPeer peer([](const PeerRequest&) { return grpc_ok(held()); });
    const auto words = said_by(
        peer.url(), "{ let last = (); for n in 0..51 { last = " + get_balance + "; } last }");
    EXPECT_EQ(words, "failed -1: more than 50 requests in one call");
    EXPECT_EQ(peer.requests().size(), static_cast<std::size_t>(plugin::http_requests_per_call_max));
}

}  // namespace
}  // namespace rb::test
