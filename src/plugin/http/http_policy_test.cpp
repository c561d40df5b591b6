#include "core/ports/log.hpp"

#include "plugin/encoding/text_encoding.hpp"
#include "plugin/http/address_policy.hpp"
#include "plugin/http/cassette.hpp"
#include "plugin/http/circuit_breaker.hpp"
#include "plugin/http/request_check.hpp"
#include "plugin/limits.hpp"

#include <gtest/gtest.h>

namespace rb::plugin {
namespace {

using std::chrono::milliseconds;

TEST(PrivateAddress, knows_what_is_not_on_the_public_internet) {
    for (const auto* address :
         {"127.0.0.1",       "10.1.2.3",        "172.16.0.1",   "172.31.255.255",
          "192.168.0.1",     "169.254.169.254", "100.64.0.1",   "0.0.0.0",
          "224.0.0.1",       "255.255.255.255", "::1",          "::",
          "fe80::1",         "fc00::1",         "fd12::1",      "ff02::1",
          "::ffff:10.0.0.1", "64:ff9b::a00:1",  "2002:a00:1::", "::7f00:1",
          "2001:db8::1",     "2001::a00:1",     "3fff:1::1",    "64:ff9b:1::1",
          "100::1",          "not an address"}) {
        EXPECT_TRUE(is_private_address(address)) << address;
    }
    for (const auto* address : {"8.8.8.8", "172.32.0.1", "100.128.0.1", "2606:4700::1111",
                                "2001:200::1", "::ffff:8.8.8.8", "2002:808:808::"}) {
        EXPECT_FALSE(is_private_address(address)) << address;
    }
}

TEST(HostGrant, covers_names_below_a_domain_but_not_the_domain_itself) {
    const HttpPolicy policy{.hosts = {{"api.example.com", false}, {"*.example.net", false}}};
    EXPECT_NE(find_grant(policy, "api.example.com"), nullptr);
    EXPECT_NE(find_grant(policy, "a.b.example.net"), nullptr);
    for (const auto* host : {"example.com", "example.net", "evilexample.net", "xapi.example.com"}) {
        EXPECT_EQ(find_grant(policy, host), nullptr) << host;
    }
}

TEST(SplitUrl, takes_only_plain_http_urls) {
    const auto url = split_url("HTTPS://Api.Example.com:8443/x?y#z");
    ASSERT_TRUE(url.has_value());
    EXPECT_EQ(url->host, "api.example.com");
    EXPECT_EQ(url->port, 8443);
    EXPECT_EQ(split_url("http://[::1]/")->host, "::1");
    EXPECT_EQ(split_url("http://2130706433/")->host, "127.0.0.1");
    for (const auto* text :
         {"ftp://a/", "file:///etc/passwd", "http://u:p@a/", "a/b", "http://", "",
          // libcurl would look another name up than the one that was judged.
          "http://b\u00fccher.example/", "http://b%C3%BCcher.example/", "http://a b/",
          "http://a.example./"}) {
        EXPECT_FALSE(split_url(text).has_value()) << text;
    }
}

HttpRequest get(std::string url) {
    return {.method = "GET", .url = std::move(url)};
}

std::string refusal(const HttpRequest& request, const HttpPolicy& policy,
                    std::vector<std::string> addresses) {
    const auto route =
        route_request(request, policy, [&](const std::string&) { return addresses; });
    if (route.has_value()) return "";
    EXPECT_EQ(route.error().delivery, Delivery::not_sent);
    return route.error().message;
}

TEST(RouteRequest, refuses_hosts_and_private_addresses_that_are_not_granted) {
    const HttpPolicy strict{.hosts = {{"a.example", false}}};
    const HttpPolicy lax{.hosts = {{"a.example", true}}};
    EXPECT_EQ(refusal(get("https://a.example/"), strict, {"8.8.8.8"}), "");
    EXPECT_EQ(refusal(get("https://b.example/"), strict, {"8.8.8.8"}),
              "host b.example is not granted to this plugin");
    EXPECT_EQ(refusal(get("https://a.example/"), strict, {"8.8.8.8", "10.0.0.1"}),
              "host a.example has a private address, which is not granted");
    EXPECT_EQ(refusal(get("https://a.example/"), lax, {"10.0.0.1"}), "");
    EXPECT_EQ(refusal(get("https://a.example/"), strict, {}), "host a.example does not resolve");
}

TEST(RouteRequest, judges_a_proxy_like_the_host_it_is) {
    const HttpPolicy policy{.hosts = {{"far.example", false}, {"proxy.example", false}}};
    const HttpPolicy lax{.hosts = {{"far.example", false}, {"proxy.example", true}}};
    auto request = get("https://far.example/");
    request.proxy = "http://proxy.example:3128";
    EXPECT_EQ(refusal(request, policy, {"8.8.8.8"}), "");
    EXPECT_EQ(refusal(request, policy, {"127.0.0.1"}),
              "proxy: host proxy.example has a private address, which is not granted");
    EXPECT_EQ(refusal(request, lax, {"127.0.0.1"}), "");
    EXPECT_EQ(refusal(request, lax, {}), "proxy: host proxy.example does not resolve");
    const auto route = route_request(
        request, lax, [](const std::string&) { return std::vector<std::string>{"127.0.0.1"}; });
    ASSERT_TRUE(route.has_value());
    EXPECT_EQ(route->peer.host, "proxy.example");
    EXPECT_EQ(route->peer.port, 3128);
    EXPECT_EQ(route->addresses, std::vector<std::string>{"127.0.0.1"});
    EXPECT_EQ(route->circuit, "far.example:443");
}

TEST(RouteRequest, pins_the_addresses_it_has_judged) {
    const HttpPolicy policy{.hosts = {{"a.example", false}}};
    int lookups = 0;
    const auto rebinding = [&](const std::string&) {
        ++lookups;
        return std::vector<std::string>{lookups == 1 ? "8.8.8.8" : "127.0.0.1"};
    };
    const auto route = route_request(get("https://a.example/"), policy, rebinding);
    ASSERT_TRUE(route.has_value());
    EXPECT_EQ(lookups, 1);
    EXPECT_EQ(route->addresses, std::vector<std::string>{"8.8.8.8"});
    EXPECT_EQ(route->circuit, "a.example:443");
}

TEST(RouteRequest, refuses_headers_that_are_the_clients_own_or_smuggle) {
    const HttpPolicy policy{.hosts = {{"a.example", false}}};
    auto request = get("https://a.example/");
    request.headers = {{"Host", "b.example"}};
    EXPECT_EQ(refusal(request, policy, {"8.8.8.8"}), "headers: Host cannot be set");
    request.headers = {{"X-A", "1\r\nX-B: 2"}};
    EXPECT_EQ(refusal(request, policy, {"8.8.8.8"}),
              "headers: the value of X-A holds a line break");
    request.headers = {{"X A", "1"}};
    EXPECT_EQ(refusal(request, policy, {"8.8.8.8"}), "headers: a name is malformed");
}

TEST(RouteRequest, holds_the_limits_of_size) {
    const HttpPolicy policy{.hosts = {{"a.example", false}}};
    auto request = get("https://a.example/");
    request.body = std::string(http_request_bytes_max, 'x');
    EXPECT_EQ(refusal(request, policy, {"8.8.8.8"}), "");
    request.body += 'x';
    EXPECT_EQ(refusal(request, policy, {"8.8.8.8"}), "body: is too large");
    const std::string prefix = "https://a.example/";
    EXPECT_EQ(refusal(get(prefix + std::string(http_url_bytes_max - prefix.size(), 'x')), policy,
                      {"8.8.8.8"}),
              "");
    EXPECT_EQ(refusal(get(prefix + std::string(http_url_bytes_max - prefix.size() + 1, 'x')),
                      policy, {"8.8.8.8"}),
              "url: is too long");
}

TEST(RouteRequest, takes_no_more_headers_than_its_limit) {
    const HttpPolicy policy{.hosts = {{"a.example", false}}};
    auto request = get("https://a.example/");
    for (std::size_t i = 0; i < http_headers_max; ++i) {
        request.headers.emplace_back("x" + std::to_string(i), "1");
    }
    EXPECT_EQ(refusal(request, policy, {"8.8.8.8"}), "");
    request.headers.emplace_back("y", "1");
    EXPECT_EQ(refusal(request, policy, {"8.8.8.8"}), "headers: are too many");
}

TEST(RouteRequest, reaches_socket_files_only_where_granted) {
    auto request = get("http://incus/1.0");
    request.unix_socket = "/run/incus.sock";
    EXPECT_EQ(refusal(request, {.unix_sockets = {"/run/incus.sock"}}, {}), "");
    EXPECT_EQ(refusal(request, {}, {}),
              "unix_socket: /run/incus.sock is not granted to this plugin");
    request.proxy = "http://incus:3128";
    EXPECT_EQ(refusal(request, {.unix_sockets = {"/run/incus.sock"}}, {}),
              "proxy: does not lead to a socket file");
}

// Keeps what was logged.
class KeepingLog final : public core::Log {
public:
    [[nodiscard]] bool is_on(core::LogLevel, std::string_view) const override { return true; }
    void write(core::LogLevel level, std::string_view, std::string_view message,
               core::LogFields fields) override {
        std::string line = level == core::LogLevel::warn ? "WARN " : "";
        line += message;
        for (const auto& field : fields) line += " " + std::string(field.name) + "=" + field.value;
        lines.push_back(line);
    }
    std::vector<std::string> lines;
};

struct Breaker : testing::Test {
    KeepingLog log;
    CircuitBreaker::TimePoint now{};
    CircuitBreaker breaker{log, [this] { return now; }};

    void fail_until_open() {
        for (int i = 0; i < breaker_failures_max; ++i) {
            ASSERT_TRUE(breaker.admit("h"));
            breaker.failed("h");
        }
    }
};

TEST_F(Breaker, opens_after_the_failures_it_allows_and_says_so) {
    for (int i = 0; i < breaker_failures_max - 1; ++i) {
        ASSERT_TRUE(breaker.admit("h"));
        breaker.failed("h");
    }
    EXPECT_EQ(breaker.state_of("h"), CircuitState::closed);
    ASSERT_TRUE(breaker.admit("h"));
    breaker.failed("h");
    EXPECT_EQ(breaker.state_of("h"), CircuitState::open);
    EXPECT_FALSE(breaker.admit("h"));
    EXPECT_TRUE(breaker.admit("other"));
    EXPECT_EQ(log.lines, std::vector<std::string>{
                             "WARN circuit changed host=h from=closed to=open failures=5"});
}

TEST_F(Breaker, lets_one_probe_out_and_closes_when_it_succeeds) {
    fail_until_open();
    now += breaker_open_for - milliseconds(1);
    EXPECT_FALSE(breaker.admit("h"));
    now += milliseconds(1);
    EXPECT_TRUE(breaker.admit("h"));
    EXPECT_FALSE(breaker.admit("h"));
    EXPECT_EQ(breaker.state_of("h"), CircuitState::half_open);
    breaker.succeeded("h");
    EXPECT_EQ(breaker.state_of("h"), CircuitState::closed);
    EXPECT_TRUE(breaker.admit("h"));
}

TEST_F(Breaker, opens_again_when_the_probe_fails) {
    fail_until_open();
    now += breaker_open_for;
    ASSERT_TRUE(breaker.admit("h"));
    breaker.failed("h");
    EXPECT_EQ(breaker.state_of("h"), CircuitState::open);
    EXPECT_FALSE(breaker.admit("h"));
}

TEST_F(Breaker, a_success_between_failures_starts_the_count_anew) {
    for (int i = 0; i < breaker_failures_max * 2; ++i) {
        ASSERT_TRUE(breaker.admit("h"));
        if (i % 2 == 0)
            breaker.failed("h");
        else
            breaker.succeeded("h");
    }
    EXPECT_EQ(breaker.state_of("h"), CircuitState::closed);
}

TEST_F(Breaker, remembers_a_bounded_number_of_hosts) {
    fail_until_open();
    for (std::size_t i = 0; i < breaker_hosts_max + 10; ++i) {
        now += milliseconds(1);
        EXPECT_TRUE(breaker.admit("host" + std::to_string(i)));
    }
    EXPECT_EQ(breaker.hosts(), breaker_hosts_max);
    EXPECT_EQ(breaker.state_of("h"), CircuitState::open) << "an open circuit is forgotten last";
}

// Answers the same to everybody.
class CannedHttp final : public HttpClient {
public:
    HttpResult send(const HttpRequest&, const HttpPolicy&) override { return response; }
    HttpResponse response;
};

TEST(Cassette, replays_what_was_recorded_and_holds_no_secret) {
    CannedHttp peer;
    peer.response = {.status = 200,
                     .headers = {{"content-type", "application/json"}, {"set-cookie", "sid=c0"}},
                     .body = R"({"token":"t0","state":"ok","note":"p4ss"})"};
    RecordingHttpClient recorder(peer, {"p4ss"});
    HttpRequest request{.method = "POST",
                        .url = "https://a.example/pay?sign=s1gn&id=7",
                        .headers = {{"Authorization", "Bearer b34r3r"}},
                        .body = "pid=1&key=k3y&money=1.00"};
    ASSERT_TRUE(recorder.send(request, {}).has_value());
    const auto tape = recorder.cassette();
    for (const auto* secret : {"s1gn", "b34r3r", "k3y", "t0", "p4ss", "c0"}) {
        EXPECT_EQ(tape.find(secret), std::string::npos) << secret << " in " << tape;
    }
    auto replay = *ReplayingHttpClient::create(tape);
    const auto answer = replay.send(request, {});
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->status, 200);
    EXPECT_EQ(answer->header("content-type"), "application/json");
    EXPECT_EQ(Json::parse(answer->body)["state"], "ok");
    EXPECT_EQ(replay.unused(), 0U);
    EXPECT_EQ(replay.send(request, {}).error().message,
              "not on the cassette: POST https://a.example/pay?sign=[redacted]&id=7");
}

TEST(Cassette, tells_requests_apart_by_their_body) {
    const auto* tape = R"({"version":1,"exchanges":[
        {"request":{"method":"POST","url":"http://a/","body":"a=1"},"response":{"status":201}},
        {"request":{"method":"POST","url":"http://a/","body":"a=2"},"response":{"status":202}}]})";
    auto replay = *ReplayingHttpClient::create(tape);
    HttpRequest request{.method = "POST", .url = "http://a/", .body = "a=2"};
    EXPECT_EQ(replay.send(request, {})->status, 202);
    request.body = "a=1";
    EXPECT_EQ(replay.send(request, {})->status, 201);
}

TEST(Cassette, is_refused_when_it_is_malformed) {
    for (const auto* text :
         {"", "{}", R"({"version":2,"exchanges":[]})", R"({"version":1,"exchanges":{}})",
          R"({"version":1,"exchanges":[{"request":{"method":"GET"},"response":{"status":1}}]})",
          R"({"version":1,"exchanges":[{"request":{"method":"GET","url":1},"response":{}}]})",
          R"({"version":1,"exchanges":[{"request":{"method":"GET","url":"u"},"response":{}}]})"}) {
        EXPECT_TRUE(ReplayingHttpClient::create(text).has_error()) << text;
    }
}

std::string tape_of(const HttpRequest& request, const HttpResponse& response,
                    const std::vector<std::string>& secrets) {
    CannedHttp peer;
    peer.response = response;
    RecordingHttpClient recorder(peer, secrets);
    EXPECT_TRUE(recorder.send(request, {}).has_value());
    return recorder.cassette();
}

TEST(Cassette, blanks_secrets_wherever_they_hide) {
    const std::string secret = "p4 ss+\"word";
    const auto tape = tape_of(
        {.method = "POST",
         .url = "https://a.example/in/path?note=" + url_encode(secret),
         .headers = {{"X-Basic", base64_encode(secret)}},
         .body = "memo=" + form_encode({{"", secret}}).substr(1)},
        {.status = 200,
         .body = Json{{"echo", secret}, {"keys", {{"first", "k1"}, {"more", {"k2"}}}}}.dump()},
        {secret});
    for (const auto& trace :
         {secret, url_encode(secret), base64_encode(secret), form_encode({{"", secret}}).substr(1),
          std::string("p4"), std::string("k1"), std::string("k2")}) {
        EXPECT_EQ(tape.find(trace), std::string::npos) << trace << " in " << tape;
    }
    const auto xml = tape_of({.method = "POST",
                              .url = "https://a.example/",
                              .body = "<xml><sign t=\"s0\">s1</sign><id>7</id></xml>"},
                             {.status = 200, .body = "<r token=\"t1\"><ok>yes</ok></r>"}, {});
    for (const auto* trace : {"s0", "s1", "t1"}) {
        EXPECT_EQ(xml.find(trace), std::string::npos) << trace << " in " << xml;
    }
    EXPECT_NE(xml.find("<ok>yes</ok>"), std::string::npos);
    const auto bytes = tape_of({.method = "GET", .url = "https://a.example/"},
                               {.status = 200, .body = "\xff" + secret}, {secret});
    const auto body = Json::parse(bytes)["exchanges"][0]["response"]["body_base64"];
    EXPECT_EQ(*base64_decode(body.get<std::string>()), "\xff[redacted]");
}

TEST(Cassette, answers_a_request_whose_secret_is_another) {
    const auto tape = tape_of({.method = "POST",
                               .url = "https://a.example/u/p4ssword/x?sign=1",
                               .body = "note=p4ssword&id=7"},
                              {.status = 204}, {"p4ssword"});
    auto replay = *ReplayingHttpClient::create(tape);
    HttpRequest request{.method = "POST", .url = "https://a.example/u/other/y?sign=2"};
    request.body = "note=other&id=7";
    EXPECT_TRUE(replay.send(request, {}).has_error()) << "the rest must fit";
    request.url = "https://a.example/u/other/x?sign=2";
    EXPECT_EQ(replay.send(request, {})->status, 204);
    EXPECT_EQ(replay.unused(), 0U);
}

TEST(Cassette, blanks_secrets_in_bytes_and_behind_escapes) {
    CannedHttp peer;
    RecordingHttpClient recorder(peer, {"p4\"ss"});
    peer.response = {.status = 200, .body = "\xff p4\"ss"};
    ASSERT_TRUE(recorder.send({.url = "https://a.example/"}, {}).has_value());
    peer.response.body = R"({"note":"p4\"ss"})";
    ASSERT_TRUE(recorder.send({.url = "https://a.example/"}, {}).has_value());
    auto replay = *ReplayingHttpClient::create(recorder.cassette());
    EXPECT_EQ(replay.send({.url = "https://a.example/"}, {})->body, "\xff [redacted]");
    EXPECT_EQ(replay.send({.url = "https://a.example/"}, {})->body, R"({"note":"[redacted]"})");
}

TEST(Cassette, blanks_a_body_that_nests_too_deep_to_be_searched) {
    CannedHttp peer;
    constexpr std::size_t depth = 500'000;
    peer.response = {.status = 200, .body = std::string(depth, '[') + std::string(depth, ']')};
    RecordingHttpClient recorder(peer, {});
    ASSERT_TRUE(recorder.send({.url = "https://a.example/"}, {}).has_value());
    auto replay = *ReplayingHttpClient::create(recorder.cassette());
    EXPECT_EQ(replay.send({.url = "https://a.example/"}, {})->body, "[redacted]");
}

TEST(Cassette, refuses_what_is_none) {
    for (const auto* response :
         {R"("x")", R"({"status":"200"})", R"({"status":200,"headers":[]})",
          R"({"status":200,"body":2})", R"({"status":200,"body_base64":{}})"}) {
        const auto tape =
            std::string(R"({"version":1,"exchanges":[{"request":{"method":"GET","url":"a"},)") +
            R"("response":)" + response + "}]}";
        EXPECT_TRUE(ReplayingHttpClient::create(tape).has_error()) << tape;
    }
    EXPECT_TRUE(ReplayingHttpClient::create(R"({"version":"1","exchanges":[]})").has_error());
}

}  // namespace
}  // namespace rb::plugin
