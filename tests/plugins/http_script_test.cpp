// The module `http` of the language's own runtime, as a plugin calls it, over a real server.
#include "plugins/http_peer.hpp"
#include "plugins/plugin_stage.hpp"

#include <gtest/gtest.h>

namespace rb::test {
namespace {

using plugin::CallEffect;
using plugin::Json;

struct HttpScript : testing::Test {
    HttpPeer peer{[](const PeerRequest& request) {
        if (request.target == "/lost") return PeerAnswer{.hangs_up = true};
        if (request.target == "/none") return PeerAnswer{.status = 404, .body = "nothing here"};
        if (request.target == "/moved") {
            return PeerAnswer{.status = 302, .extra_headers = "Location: /none\r\n"};
        }
        if (request.target == "/bytes") return PeerAnswer{.body = "a\xff"};
        return PeerAnswer{.body = R"({"n":7,"list":[1,null]})"};
    }};
    PluginStage stage;

    static std::string script(const std::string& body, const std::string& hosts) {
        return "pub fn manifest() { #{ id: \"notifier-x\", \"type\": \"Notifier\", name: \"X\", "
               "capabilities: [\"webhook\"], grants: #{ modules: [\"http\"], hosts: [" +
               hosts + "] } } }\npub async fn send(config, url) { " + body + " }\n";
    }
    Result<Json> run(const std::string& body, CallEffect effect = CallEffect::changes,
                     const std::string& hosts = R"(#{ host: "127.0.0.1", private: true })") {
        auto loaded = stage.engine.load("", "", "x.rn", script(body, hosts));
        if (loaded.has_error()) return loaded.error();
        return stage.engine.call({.script = *loaded,
                                  .interface_id = "x",
                                  .function = "send",
                                  .arguments = {Json(peer.url())},
                                  .effect = effect});
    }
    // The answer as text; the error's where there is one.
    std::string answer(const std::string& body) {
        auto result = run(body);
        return result.has_error() ? result.error().message + result.error().detail : result->dump();
    }
};

TEST_F(HttpScript, gets_an_answer_with_its_status_and_its_body) {
    EXPECT_EQ(answer("let r = http::get(`${url}/a`).await?; let s = r.status(); "
                     "Ok([s.as_u16(), s.as_str(), `${s}`, format!(\"{:?}\", s), "
                     "s.canonical_reason(), s.is_success(), s == http::StatusCode::OK, "
                     "r.content_length(), format!(\"{:?}\", r.version()), r.json().await?])"),
              R"([200,"200","200 OK","200","OK",true,true,23,"HTTP/1.1",)"
              R"({"n":7,"list":[1,null]}])");
    EXPECT_EQ(answer("let r = http::get(`${url}/none`).await?; let s = r.status(); "
                     "Ok([s.is_client_error(), s.is_server_error(), "
                     "s < http::StatusCode::BAD_GATEWAY, r.text().await?])"),
              R"([true,false,true,"nothing here"])");
    EXPECT_EQ(answer("Ok(http::get(`${url}/bytes`).await?.bytes().await?)"), "[97,255]");
    EXPECT_EQ(answer("Ok(http::get(`${url}/bytes`).await?.text().await?)"), "\"a\uFFFD\"");
}

TEST_F(HttpScript, sends_what_its_builder_was_given) {
    EXPECT_EQ(answer("let client = http::Client::new(); "
                     "let r = client.post(`${url}/x`).header(\"Content-Type\", "
                     "\"application/json\").body_bytes(json::to_bytes(#{ a: 1 })?)"
                     ".bearer_auth(\"t0ken\").send().await?; "
                     "client.put(url).basic_auth(\"u\", Some(\"p\")).send().await?; "
                     "client.delete(url).basic_auth(\"u\", None).send().await?; "
                     "client.head(url).send().await?; Ok(r.status().as_u16())"),
              "200");
    const auto requests = peer.requests();
    ASSERT_EQ(requests.size(), 4U);
    EXPECT_EQ(requests[0].method, "POST");
    EXPECT_EQ(requests[0].target, "/x");
    EXPECT_EQ(requests[0].body, R"({"a":1})");
    EXPECT_EQ(requests[0].headers.at("content-type"), "application/json");
    EXPECT_EQ(requests[0].headers.at("authorization"), "Bearer t0ken");
    EXPECT_EQ(requests[1].method, "PUT");
    EXPECT_EQ(requests[1].headers.at("authorization"), "Basic dTpw");
    EXPECT_EQ(requests[2].method, "DELETE");
    EXPECT_EQ(requests[2].headers.at("authorization"), "Basic dTo=");
    EXPECT_EQ(requests[3].method, "HEAD");
}

TEST_F(HttpScript, sends_nothing_before_it_is_awaited) {
    EXPECT_EQ(answer("let f = http::get(url); Ok(1)"), "1");
    EXPECT_TRUE(peer.requests().empty());
}

TEST_F(HttpScript, takes_the_builder_and_the_answer_that_were_used) {
    EXPECT_NE(answer("let b = http::Client::new().get(url); b.send().await?; b.send().await")
                  .find("Cannot"),
              std::string::npos);
    EXPECT_NE(answer("let b = http::Client::new().get(url); b.header(\"a\", \"b\"); b.send().await")
                  .find("Cannot"),
              std::string::npos);
    EXPECT_NE(
        answer("let r = http::get(url).await?; r.text().await?; r.json().await").find("Cannot"),
        std::string::npos);
}

TEST_F(HttpScript, follows_no_redirect) {
    EXPECT_EQ(answer("Ok(http::get(`${url}/moved`).await?.status().is_redirection())"), "true");
    EXPECT_EQ(peer.requests().size(), 1U);
}

// `?` passes the error on with what became of the request.
TEST_F(HttpScript, an_error_keeps_its_kind) {
    EXPECT_EQ(run("http::get(`${url}/lost`).await?; Ok(1)").error().code, ErrorCode::plugin_failed);
    EXPECT_EQ(run("http::Client::new().post(`${url}/lost`).send().await?; Ok(1)").error().code,
              ErrorCode::outcome_unknown);
    EXPECT_EQ(
        run("http::Client::new().post(`${url}/none`).send().await?.json().await").error().code,
        ErrorCode::outcome_unknown);
    EXPECT_EQ(run("http::get(`${url}/none`).await?.json().await").error().code,
              ErrorCode::plugin_failed);
    EXPECT_EQ(run("http::get(url).await?; Ok(1)", CallEffect::changes, "").error().code,
              ErrorCode::plugin_refused);
    EXPECT_EQ(answer("match http::get(\"http://other.example/\").await { Err(e) => "
                     "Ok([e.kind, `${e}` == e.message, format!(\"{:?}\", e).len() > 10]), "
                     "Ok(_) => Ok(0) }"),
              R"(["refused",true,true])");
}

TEST_F(HttpScript, is_there_only_where_http_is_granted) {
    const std::string source =
        "pub fn manifest() { #{ id: \"notifier-x\", \"type\": \"Notifier\", name: \"X\", "
        "capabilities: [\"webhook\"] } }\npub async fn send(config, url) { "
        "http::get(url).await?; }\n";
    const auto loaded = stage.engine.load("", "", "x.rn", source);
    ASSERT_TRUE(loaded.has_error());
    EXPECT_NE(loaded.error().message.find("grants do not name"), std::string::npos)
        << loaded.error().message;
}

}  // namespace
}  // namespace rb::test
