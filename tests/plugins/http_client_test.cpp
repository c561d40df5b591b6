// The client that plugins speak through, over real sockets.
#include "plugin/crypto/certificate.hpp"
#include "plugin/http/curl_http_client.hpp"
#include "plugin/limits.hpp"

#include "plugins/http_peer.hpp"
#include "plugins/plugin_stage.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

namespace rb::test {
namespace {

using plugin::Delivery;
using plugin::HttpPolicy;
using plugin::HttpRequest;

const HttpPolicy local{.hosts = {{"127.0.0.1", true}, {"::1", true}, {"localhost", true}}};

PeerAnswer welcome(const PeerRequest&) {
    return {.body = "welcome"};
}

TEST(HttpClient, sends_what_it_is_given_and_reads_what_comes) {
    HttpPeer peer([](const PeerRequest&) {
        return PeerAnswer{.status = 201, .body = "made", .extra_headers = "X-One: 1\r\n"};
    });
    StageLog log;
    plugin::CurlHttpClient client(log);
    const auto answer = client.send({.method = "PUT",
                                     .url = peer.url() + "/a?b=c",
                                     .headers = {{"X-Asked", "yes"}},
                                     .body = "content"},
                                    local);
    ASSERT_TRUE(answer.has_value()) << answer.error().message;
    EXPECT_EQ(answer->status, 201);
    EXPECT_EQ(answer->body, "made");
    EXPECT_EQ(answer->header("x-one"), "1");
    const auto asked = peer.requests().at(0);
    EXPECT_EQ(asked.method, "PUT");
    EXPECT_EQ(asked.target, "/a?b=c");
    EXPECT_EQ(asked.headers.at("x-asked"), "yes");
    EXPECT_FALSE(asked.headers.contains("content-type"));
    EXPECT_EQ(asked.body, "content");
}

TEST(HttpClient, follows_no_redirect) {
    HttpPeer peer([](const PeerRequest&) {
        return PeerAnswer{.status = 302, .extra_headers = "Location: http://169.254.169.254/\r\n"};
    });
    StageLog log;
    plugin::CurlHttpClient client(log);
    EXPECT_EQ(client.send({.url = peer.url()}, local)->status, 302);
    EXPECT_EQ(peer.requests().size(), 1U);
}

TEST(HttpClient, takes_no_answer_of_more_headers_than_its_limit) {
    const auto with = [](std::size_t count) {
        HttpPeer peer([=](const PeerRequest&) {
            PeerAnswer answer;
            for (std::size_t i = 0; i < count; ++i) {
                answer.extra_headers += "x" + std::to_string(i) + ": 1\r\n";
            }
            return answer;
        });
        StageLog log;
        plugin::CurlHttpClient client(log);
        return client.send({.url = peer.url()}, local);
    };
    // The peer's own are a few.
    EXPECT_TRUE(with(plugin::http_headers_max - 10).has_value());
    EXPECT_TRUE(with(plugin::http_headers_max + 1).error().is_too_large);
}

TEST(HttpClient, refuses_the_loopback_unless_it_is_granted) {
    HttpPeer peer([](const PeerRequest&) { return PeerAnswer{}; });
    StageLog log;
    plugin::CurlHttpClient client(log);
    const auto refused = client.send({.url = peer.url()}, {.hosts = {{"127.0.0.1", false}}});
    EXPECT_TRUE(refused.error().is_refusal);
    EXPECT_TRUE(peer.requests().empty());
}

TEST(HttpClient, tells_a_lost_answer_from_one_that_never_went_out) {
    HttpPeer peer([](const PeerRequest&) { return PeerAnswer{.hangs_up = true}; });
    StageLog log;
    plugin::CurlHttpClient client(log);
    EXPECT_EQ(client.send({.method = "POST", .url = peer.url()}, local).error().delivery,
              Delivery::uncertain);
    EXPECT_EQ(client.send({.url = "http://127.0.0.1:1/"}, local).error().delivery,
              Delivery::not_sent);
}

TEST(HttpClient, takes_an_answer_of_its_limit_and_none_larger) {
    HttpPeer peer([](const PeerRequest& request) {
        return PeerAnswer{.body = std::string(request.target == "/fits" ? 1000 : 1001, 'x')};
    });
    StageLog log;
    plugin::CurlHttpClient client(log);
    HttpRequest request{.url = peer.url() + "/fits", .response_bytes_max = 1000};
    EXPECT_EQ(client.send(request, local)->body.size(), 1000U);
    request.url = peer.url() + "/large";
    EXPECT_NE(client.send(request, local).error().message.find("larger than allowed"),
              std::string::npos);
}

TEST(HttpClient, stops_asking_a_host_that_keeps_failing) {
    HttpPeer peer([](const PeerRequest&) { return PeerAnswer{.status = 503}; });
    StageLog log;
    plugin::CurlHttpClient client(log);
    for (int i = 0; i < plugin::breaker_failures_max; ++i) {
        EXPECT_EQ(client.send({.url = peer.url()}, local)->status, 503);
    }
    EXPECT_NE(client.send({.url = peer.url()}, local).error().message.find("failed repeatedly"),
              std::string::npos);
    EXPECT_EQ(peer.requests().size(), static_cast<std::size_t>(plugin::breaker_failures_max));
    EXPECT_TRUE(log.holds("warn circuit changed"));
    EXPECT_TRUE(log.holds("from=closed to=open"));
}

// The peer has answered, so its host is not down.
TEST(HttpClient, counts_no_failure_that_is_the_requests_own) {
    HttpPeer peer([](const PeerRequest&) { return PeerAnswer{.body = "too long"}; });
    StageLog log;
    plugin::CurlHttpClient client(log);
    for (int i = 0; i < plugin::breaker_failures_max + 1; ++i) {
        EXPECT_TRUE(client.send({.url = peer.url(), .response_bytes_max = 1}, local).has_error());
    }
    EXPECT_FALSE(log.holds("circuit changed"));
}

TEST(HttpClient, ends_a_request_when_its_time_is_up) {
    HttpPeer peer([](const PeerRequest&) { return PeerAnswer{.is_silent = true}; });
    StageLog log;
    plugin::CurlHttpClient client(log);
    const auto answer = client.send(
        {.method = "POST", .url = peer.url(), .timeout = std::chrono::milliseconds(100)}, local);
    ASSERT_TRUE(answer.has_error());
    EXPECT_TRUE(answer.error().is_timeout);
    EXPECT_EQ(answer.error().delivery, Delivery::uncertain);
}

TEST(HttpClient, speaks_ipv6_and_holds_it_to_the_same_rule) {
    HttpPeer peer(welcome, {.is_ipv6 = true});
    StageLog log;
    plugin::CurlHttpClient client(log);
    const auto answer = client.send({.url = peer.url()}, local);
    ASSERT_TRUE(answer.has_value()) << answer.error().message;
    EXPECT_EQ(answer->body, "welcome");
    EXPECT_TRUE(client.send({.url = peer.url()}, {.hosts = {{"::1", false}}}).error().is_refusal);
}

// The name would lead to the peer if anybody asked for it again; 127.0.0.2 leads to nobody.
TEST(HttpClient, connects_to_the_address_that_was_judged_whatever_the_name_says_later) {
    HttpPeer peer(welcome);
    const auto port = peer.url().substr(peer.url().rfind(':'));
    StageLog log;
    int lookups = 0;
    plugin::CurlHttpClient client(log, [&](const std::string&) {
        ++lookups;
        return std::vector<std::string>{"127.0.0.2"};
    });
    EXPECT_TRUE(client.send({.url = "http://localhost" + port}, local).has_error());
    EXPECT_EQ(lookups, 1);
    EXPECT_TRUE(peer.requests().empty());
}

// ctest runs this program with a proxy in its environment that leads nowhere.
TEST(HttpClient, ignores_the_proxy_of_the_environment) {
    if (std::getenv("http_proxy") == nullptr) GTEST_SKIP() << "http_proxy is not set";
    HttpPeer peer(welcome);
    StageLog log;
    plugin::CurlHttpClient client(log);
    EXPECT_EQ(client.send({.url = peer.url()}, local)->body, "welcome");
}

TEST(HttpClient, connects_to_the_address_of_the_proxy_that_was_judged) {
    HttpPeer proxy(welcome);
    StageLog log;
    plugin::CurlHttpClient client(
        log, [](const std::string&) { return std::vector<std::string>{"127.0.0.1"}; });
    const auto port = proxy.url().substr(proxy.url().rfind(':'));
    const HttpPolicy policy{.hosts = {{"far.example", false}, {"proxy.example", true}}};
    const HttpRequest request{.url = "http://far.example/x",
                              .proxy = "http://proxy.example" + port};
    const auto answer = client.send(request, policy);
    ASSERT_TRUE(answer.has_value()) << answer.error().message;
    EXPECT_EQ(answer->body, "welcome");
}

// http_no_proxy_test runs this one with no_proxy=*.
TEST(HttpClient, goes_past_no_proxy_whatever_the_environment_says) {
    HttpPeer proxy(welcome);
    StageLog log;
    plugin::CurlHttpClient client(log);
    const HttpPolicy policy{.hosts = {{"far.example", false}, {"127.0.0.1", true}}};
    const auto answer = client.send({.url = "http://far.example/x", .proxy = proxy.url()}, policy);
    ASSERT_TRUE(answer.has_value()) << answer.error().message;
    EXPECT_EQ(proxy.requests().at(0).target, "http://far.example/x");
}

TEST(HttpClient, goes_through_a_proxy_that_is_granted) {
    HttpPeer proxy(welcome);
    StageLog log;
    plugin::CurlHttpClient client(log);
    const HttpPolicy policy{.hosts = {{"127.0.0.1", true}, {"far.example", false}}};
    HttpRequest request{.url = "http://far.example/x", .proxy = proxy.url()};
    EXPECT_EQ(client.send(request, policy)->body, "welcome");
    EXPECT_EQ(proxy.requests().at(0).target, "http://far.example/x");
    EXPECT_TRUE(client.send(request, {.hosts = {{"far.example", false}}}).error().is_refusal);
    request.url = "http://10.0.0.1/x";
    EXPECT_TRUE(client.send(request, {.hosts = {{"127.0.0.1", true}, {"10.0.0.1", false}}})
                    .error()
                    .is_refusal)
        << "a private address stays one behind a proxy";
    EXPECT_EQ(proxy.requests().size(), 1U);
}

struct Tls : testing::Test {
    TestAuthority authority;
    Identity server = authority.sign("server", "DNS:localhost,IP:127.0.0.1");
    StageLog log;
    plugin::CurlHttpClient client{log};
};

TEST_F(Tls, believes_the_authority_it_is_given_and_no_other) {
    HttpPeer peer(welcome, {.identity = server});
    EXPECT_EQ(client.send({.url = peer.url(), .tls = {.ca_pem = authority.pem()}}, local)->body,
              "welcome");
    const auto strange = client.send({.url = peer.url()}, local);
    ASSERT_TRUE(strange.has_error()) << "the system's authorities do not know it";
    EXPECT_EQ(strange.error().delivery, Delivery::not_sent);
    const TestAuthority other;
    EXPECT_TRUE(
        client.send({.url = peer.url(), .tls = {.ca_pem = other.pem()}}, local).has_error());
    EXPECT_EQ(peer.requests().size(), 1U);
}

TEST_F(Tls, demands_the_name_it_asked_for) {
    HttpPeer peer(welcome, {.identity = authority.sign("other", "DNS:other.example")});
    EXPECT_TRUE(
        client.send({.url = peer.url(), .tls = {.ca_pem = authority.pem()}}, local).has_error());
    EXPECT_TRUE(peer.requests().empty());
}

TEST_F(Tls, shows_its_own_certificate_where_the_peer_demands_one) {
    HttpPeer peer(welcome, {.identity = server, .client_authority_pem = authority.pem()});
    const auto mine = authority.sign("client", "DNS:client.example");
    HttpRequest request{.url = peer.url(),
                        .tls = {.ca_pem = authority.pem(),
                                .client_cert_pem = mine.certificate_pem,
                                .client_key_pem = mine.key_pem}};
    const auto answer = client.send(request, local);
    ASSERT_TRUE(answer.has_value()) << answer.error().message;
    EXPECT_EQ(answer->body, "welcome");
    const auto strange = TestAuthority().sign("client", "DNS:client.example");
    request.tls.client_cert_pem = strange.certificate_pem;
    request.tls.client_key_pem = strange.key_pem;
    EXPECT_TRUE(client.send(request, local).has_error());
    request.tls.client_cert_pem.clear();
    request.tls.client_key_pem.clear();
    EXPECT_TRUE(client.send(request, local).has_error());
    EXPECT_EQ(peer.requests().size(), 1U);
}

TEST_F(Tls, takes_exactly_the_pinned_certificate_whoever_signed_it) {
    HttpPeer peer(welcome, {.identity = server});
    const auto pin = *plugin::certificate_sha256(server.certificate_pem);
    EXPECT_EQ(client.send({.url = peer.url(), .tls = {.certificate_sha256 = pin}}, local)->body,
              "welcome");
    const auto other = authority.sign("server", "DNS:localhost,IP:127.0.0.1");
    const auto wrong = *plugin::certificate_sha256(other.certificate_pem);
    EXPECT_TRUE(client
                    .send({.url = peer.url(),
                           .tls = {.ca_pem = authority.pem(), .certificate_sha256 = wrong}},
                          local)
                    .has_error());
    EXPECT_EQ(peer.requests().size(), 1U);
}

}  // namespace
}  // namespace rb::test
