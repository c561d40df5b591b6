// The engine: what a script is granted, what stops it, and what its end means for the caller.
#include "base/utf8.hpp"

#include "plugin/limits.hpp"

#include "plugins/plugin_stage.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace rb::test {
namespace {

using plugin::CallEffect;
using plugin::Json;
using plugin::ScriptCall;

// A notifier whose `send` has that body.
std::string script(const std::string& body, const std::string& modules = "") {
    return "pub fn manifest() { #{ id: \"notifier-x\", \"type\": \"Notifier\", name: \"X\", "
           "capabilities: [\"webhook\"], grants: #{ modules: [" +
           modules + "] } } }\npub fn send(config, n) { " + body + " }\n";
}

struct Engine : testing::Test {
    PluginStage stage;

    Result<Json> run(const std::string& source, CallEffect effect = CallEffect::changes) {
        auto loaded = stage.engine.load("", "", "x.rn", source);
        if (loaded.has_error()) return loaded.error();
        return stage.engine.call({.script = *loaded,
                                  .interface_id = "x",
                                  .function = "send",
                                  .arguments = {Json("argument")},
                                  .effect = effect});
    }
    std::string load_error(const std::string& source) {
        auto loaded = stage.engine.load("", "", "x.rn", source);
        return loaded.has_error() ? loaded.error().message : "loaded";
    }
};

TEST_F(Engine, gives_the_answer_of_a_plain_value_and_of_an_ok) {
    EXPECT_EQ(run(script("n"))->dump(), "\"argument\"");
    EXPECT_EQ(run(script("Ok(#{ a: [1, true, ()] })"))->dump(), R"({"a":[1,true,null]})");
}

TEST_F(Engine, an_err_becomes_the_error_its_kind_names) {
    const auto code = [&](const std::string& error, CallEffect effect) {
        return run(script("Err(" + error + ")"), effect).error().code;
    };
    EXPECT_EQ(code("#{ kind: \"refused\", message: \"no\" }", CallEffect::changes),
              ErrorCode::plugin_refused);
    EXPECT_EQ(code("#{ kind: \"failed\", message: \"no\" }", CallEffect::changes),
              ErrorCode::plugin_failed);
    EXPECT_EQ(code("#{ kind: \"unknown\", message: \"?\" }", CallEffect::changes),
              ErrorCode::outcome_unknown);
    EXPECT_EQ(code("#{ kind: \"unknown\", message: \"?\" }", CallEffect::none),
              ErrorCode::plugin_failed);
    EXPECT_EQ(code("#{ kind: \"unsupported\", message: \"no\" }", CallEffect::none),
              ErrorCode::unsupported);
    EXPECT_EQ(code("\"text\"", CallEffect::changes), ErrorCode::plugin_failed);
    EXPECT_EQ(code("7", CallEffect::changes), ErrorCode::plugin_failed);
}

TEST_F(Engine, a_script_that_dies_after_it_acted_leaves_the_outcome_unknown) {
    const auto before = run(script("panic!(\"early\")"));
    EXPECT_EQ(before.error().code, ErrorCode::plugin_failed);
    EXPECT_NE(before.error().message.find("notifier-x.send: Panicked: early (x.rn:2)"),
              std::string::npos)
        << before.error().message;
    const auto after = run(script("host::kv::put(\"k\", \"v\"); panic!(\"late\")", "\"kv\""));
    EXPECT_EQ(after.error().code, ErrorCode::outcome_unknown);
    EXPECT_EQ(
        run(script("host::kv::put(\"k\", \"v\"); panic!(\"late\")", "\"kv\""), CallEffect::none)
            .error()
            .code,
        ErrorCode::plugin_failed);
}

TEST_F(Engine, a_write_that_the_store_does_not_take_is_named_and_has_not_acted) {
    for (std::int64_t i = 0; i < core::plugin_kv_keys_max; ++i) {
        ASSERT_TRUE(stage.kv.put("x", std::to_string(i), "").has_value());
    }
    const auto error = [&](const std::string& body) { return run(script(body, "\"kv\"")).error(); };
    for (const auto* body :
         {"host::kv::put(\"more\", \"v\")", "host::kv::compare_and_set(\"more\", 0, \"v\")"}) {
        const auto full = error(body);
        EXPECT_EQ(full.code, ErrorCode::plugin_failed);
        EXPECT_NE(full.message.find("kv: key: an interface keeps at most 200000 keys"),
                  std::string::npos)
            << full.message;
    }
    const auto nameless = error("host::kv::put(\"\", \"v\")");
    EXPECT_EQ(nameless.code, ErrorCode::plugin_failed);
    EXPECT_NE(nameless.message.find("kv: key: must have 1 to 256 characters"), std::string::npos);
    EXPECT_EQ(run(script("host::kv::put(\"1\", \"\"); host::kv::remove(\"2\"); "
                         "host::kv::put(\"more\", \"v\")",
                         "\"kv\""))
                  ->dump(),
              "1")
        << "what adds nothing is taken, and what goes makes room";
}

TEST_F(Engine, an_endless_loop_ends_with_its_budget_and_the_next_call_works) {
    EXPECT_EQ(run(script("loop {}")).error().code, ErrorCode::plugin_failed);
    EXPECT_EQ(run(script("let v = []; loop { v.push([1, 2, 3, 4, 5, 6, 7, 8]); }")).error().code,
              ErrorCode::plugin_failed);
    EXPECT_TRUE(run(script("n")).has_value());
}

TEST_F(Engine, a_deadline_ends_a_call) {
    plugin::ScriptLimits limits = plugin::default_script_limits();
    limits.instructions = 1'000'000'000'000;
    limits.deadline = std::chrono::milliseconds(20);
    PluginStage strict(stage.curl, limits);
    const auto loaded = strict.engine.load("", "", "x.rn", script("loop {}"));
    ASSERT_TRUE(loaded.has_value()) << loaded.error().message;
    EXPECT_EQ(strict.engine
                  .call({.script = *loaded,
                         .interface_id = "x",
                         .function = "send",
                         .arguments = {Json("n")},
                         .effect = CallEffect::changes})
                  .error()
                  .code,
              ErrorCode::deadline_exceeded);
}

TEST_F(Engine, a_module_that_is_not_granted_does_not_exist) {
    EXPECT_NE(load_error(script("host::kv::get(\"k\")")).find("grants do not name"),
              std::string::npos);
    EXPECT_EQ(load_error(script("host::kv::get(\"k\")", "\"kv\"")), "loaded");
    EXPECT_NE(load_error(script("n", "\"files\"")).find("files is no host module"),
              std::string::npos);
}

TEST_F(Engine, what_reaches_nothing_needs_no_grant) {
    EXPECT_EQ(run(script("Ok([base64::encode(b\"hi\"), base64::decode(\"aGk=\")?, "
                         "json::to_string([n])?])"))
                  ->dump(),
              R"(["aGk=",[104,105],"[\"argument\"]"])");
}

TEST_F(Engine, a_source_that_does_not_load_says_where_and_why) {
    EXPECT_NE(load_error("pub fn manifest( {").find("x.rn:1"), std::string::npos);
    EXPECT_NE(load_error("pub fn send() {}").find("has no `pub fn manifest()`"), std::string::npos);
    EXPECT_NE(load_error("pub fn manifest() { #{ id: \"x\", \"type\": \"Gateway\", name: \"X\", "
                         "capabilities: [\"refund\"] } }")
                  .find("has no `pub fn refund`"),
              std::string::npos);
    EXPECT_NE(load_error("pub fn manifest() { #{ id: \"X!\" } }").find("manifest: id"),
              std::string::npos);
    EXPECT_NE(load_error("pub fn manifest() { host::kv::get(\"k\") }").find("nothing outside"),
              std::string::npos);
    EXPECT_EQ(load_error(""), "script_source: is empty");
    EXPECT_EQ(load_error(std::string((512U << 10) + 1, ' ')),
              "script_source: is larger than 512 KiB");
}

TEST_F(Engine, a_new_version_replaces_the_cached_one_and_a_running_one_goes_on) {
    const auto first = stage.engine.load("k", "1", "x.rn", script("1"));
    ASSERT_TRUE(first.has_value()) << first.error().message;
    EXPECT_EQ(*stage.engine.load("k", "1", "x.rn", "not even looked at"), *first);
    const auto second = stage.engine.load("k", "2", "x.rn", script("2"));
    ASSERT_TRUE(second.has_value());
    const auto answer = [&](const auto& loaded) {
        return stage.engine
            .call(
                {.script = loaded, .interface_id = "x", .function = "send", .arguments = {Json(0)}})
            ->dump();
    };
    EXPECT_EQ(answer(*second), "2");
    EXPECT_EQ(answer(*first), "1");
    stage.engine.evict("k");
    EXPECT_TRUE(stage.engine.load("k", "2", "x.rn", "").has_error()) << "compiled anew";
}

// A notifier with a secret, whose `send` has that body.
std::string with_secret(const std::string& body) {
    auto source = script(body, "\"log\"");
    source.replace(source.find("name: \"X\""), 9,
                   "name: \"X\", config_schema: #{ \"type\": \"object\", properties: #{ key: #{ "
                   "\"type\": \"string\", secret: true } } }");
    return source;
}

TEST_F(Engine, a_secret_of_the_configuration_reaches_no_log_and_no_error) {
    const auto loaded = [&](const std::string& body) {
        auto script = stage.engine.load("", "", "x.rn", with_secret(body));
        EXPECT_TRUE(script.has_value()) << script.error().message;
        return stage.engine.call({.script = *script,
                                  .interface_id = "x",
                                  .config = Json{{"key", "hunter2"}},
                                  .function = "send",
                                  .arguments = {Json(0)},
                                  .effect = CallEffect::changes});
    };
    EXPECT_EQ(loaded("config.key")->get<std::string>(), "hunter2") << "the script itself sees it";
    EXPECT_TRUE(loaded("host::log::warn(`the key is ${config.key}`);").has_value());
    EXPECT_TRUE(loaded("println!(\"printed {}\", config.key);").has_value());
    EXPECT_TRUE(stage.log.holds("the key is ********"));
    EXPECT_TRUE(stage.log.holds("printed ********"));
    EXPECT_FALSE(stage.log.holds("hunter2"));
    for (const auto* body :
         {"Err(config.key)", "Err(#{ kind: \"refused\", message: config.key })",
          "panic!(\"{}\", config.key)", "config.key.no_such_method()", "#{}[config.key]"}) {
        const auto error = loaded(body).error();
        EXPECT_EQ(error.message.find("hunter2"), std::string::npos) << error.message;
        EXPECT_EQ(error.detail.find("hunter2"), std::string::npos) << error.detail;
    }
}

TEST_F(Engine, one_call_fills_no_disk_with_its_lines) {
    for (const auto* line : {"host::log::warn(\"again\")", "println!(\"again\")"}) {
        PluginStage fresh;
        const auto loaded = *fresh.engine.load(
            "", "", "x.rn", script("for i in 0..1000 { " + std::string(line) + "; }", "\"log\""));
        ASSERT_TRUE(fresh.engine.call(
            {.script = loaded, .interface_id = "x", .function = "send", .arguments = {Json(0)}}));
        EXPECT_EQ(fresh.log.count("again"), plugin::log_lines_max) << line;
    }
    const std::string body = "host::log::info(\"" + std::string(3'000, 'x') + "\");";
    ASSERT_TRUE(run(script(body, "\"log\"")).has_value());
    EXPECT_TRUE(stage.log.holds(std::string(plugin::log_line_bytes_max, 'x')));
    EXPECT_FALSE(stage.log.holds(std::string(plugin::log_line_bytes_max + 1, 'x')));
}

// What works through a megabyte costs by its size: a loop that does ends with its budget, not
// minutes past its deadline.
TEST_F(Engine, what_works_through_large_texts_is_charged) {
    const std::string megabyte =
        "let t = \"xxxxxxxxxxxxxxxx\"; for i in 0..16 { t = `${t}${t}`; } ";
    const auto error = [&](const std::string& body, const std::string& module) {
        return run(script(megabyte + "for i in 0..200 { " + body + "; } 0", module))
            .error()
            .message;
    };
    const std::string key = "\"kkkkkkkkkkkkkkkk\"";
    for (const auto& body :
         {std::string("host::crypto::hmac(\"sha256\", t, \"\")"),
          std::string("host::crypto::hmac_hex(\"sha256\", t, \"\")"),
          std::string("host::crypto::equal(t, t)"),
          "host::crypto::aes_gcm_encrypt(" + key + ", \"nnnnnnnnnnnn\", \"\", t)",
          std::string("host::crypto::rsa_verify(\"\", \"pss\", \"sha256\", t, \"\")")}) {
        EXPECT_NE(error(body, "\"crypto\"").find("limited"), std::string::npos) << body;
    }
    EXPECT_NE(run(script(megabyte + "t = `${t}${t}`; for i in 0..100 { host::log::info(t); } 0",
                         "\"log\""))
                  .error()
                  .message.find("limited"),
              std::string::npos);
    EXPECT_NE(run(script("for i in 0..10000 { host::kv::get(\"k\"); } 0", "\"kv\""))
                  .error()
                  .message.find("limited"),
              std::string::npos);
}

TEST_F(Engine, an_error_is_no_longer_than_a_page) {
    const std::string text = "let t = \"\u6613\"; for i in 0..16 { t = `${t}${t}`; } ";
    for (const auto& body : {text + "panic!(\"{}\", t)", text + "Err(t)",
                             text + "Err(#{ kind: \"refused\", message: t })"}) {
        const auto error = run(script(body)).error();
        EXPECT_LE(error.message.size(), plugin::error_text_bytes_max);
        EXPECT_GT(error.message.size(), plugin::error_text_bytes_max - 10);
        EXPECT_LE(error.detail.size(), plugin::error_text_bytes_max);
        EXPECT_TRUE(is_utf8(error.message)) << body;
    }
}

TEST_F(Engine, a_function_the_script_lacks_is_unsupported) {
    const auto loaded = *stage.engine.load("", "", "x.rn", script("n"));
    EXPECT_EQ(
        stage.engine.call({.script = loaded, .interface_id = "x", .function = "poll"}).error().code,
        ErrorCode::unsupported);
}

TEST_F(Engine, host_modules_answer_what_their_cores_do) {
    const auto answer = run(script(
        "#{ md5: host::crypto::hash_hex(\"md5\", \"abc\"), "
        "mac: host::crypto::hmac_hex(\"sha256\", \"Jefe\", \"what do ya want for nothing?\"), "
        "same: host::crypto::equal(\"a\", b\"a\"), "
        "base64: host::encoding::base64_encode(b\"foobar\"), "
        "bad: host::encoding::hex_decode(\"0\").is_err(), "
        "form: host::encoding::form_encode(#{ b: \"1 2\", a: 3 }), "
        "fields: host::encoding::form_decode(\"b=1+2&a=3\").unwrap(), "
        "xml: host::encoding::xml_parse(\"<a><b>1</b></a>\").unwrap().children[0].text, "
        "now: host::time::now(), text: host::time::rfc3339(0), "
        "day: host::time::format(1800000000, \"%Y/%m/%d %H:%M\", 480), "
        "parsed: host::time::parse_rfc3339(\"2027-01-15T16:00:00+08:00\").unwrap() }",
        "\"crypto\", \"encoding\", \"time\""));
    ASSERT_TRUE(answer.has_value()) << answer.error().message;
    EXPECT_EQ((*answer)["md5"], "900150983cd24fb0d6963f7d28e17f72");
    EXPECT_EQ((*answer)["mac"], "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    EXPECT_EQ((*answer)["same"], true);
    EXPECT_EQ((*answer)["base64"], "Zm9vYmFy");
    EXPECT_EQ((*answer)["bad"], true);
    EXPECT_EQ((*answer)["form"], "b=1+2&a=3");
    EXPECT_EQ((*answer)["fields"].dump(), R"({"b":"1 2","a":"3"})");
    EXPECT_EQ((*answer)["xml"], "1");
    EXPECT_EQ((*answer)["now"], 1'800'000'000);
    EXPECT_EQ((*answer)["text"], "1970-01-01T00:00:00Z");
    EXPECT_EQ((*answer)["day"], "2027/01/15 16:00");
    EXPECT_EQ((*answer)["parsed"], 1'800'000'000);
}

TEST_F(Engine, one_interface_cannot_take_more_calls_than_its_share) {
    // The peer answers nobody until all who may be inside are.
    std::atomic<int> inside = 0;
    class Gate final : public plugin::HttpClient {
    public:
        explicit Gate(std::atomic<int>& count) : count_(count) {}
        plugin::HttpResult send(const plugin::HttpRequest&, const plugin::HttpPolicy&) override {
            ++count_;
            count_.notify_all();
            for (int seen = count_; seen < 3; seen = count_) count_.wait(seen);
            return plugin::HttpResponse{.status = 200};
        }

    private:
        std::atomic<int>& count_;
    } gate(inside);
    auto limits = plugin::default_script_limits();
    limits.concurrent_calls = 2;
    PluginStage small(gate, limits);
    const auto loaded = *small.engine.load(
        "", "", "x.rn",
        script("host::http::request(#{ url: \"http://a/\" }).unwrap().status", "\"http\""));
    const ScriptCall call{
        .script = loaded, .interface_id = "x", .function = "send", .arguments = {Json(0)}};
    std::vector<std::thread> threads;
    for (int i = 0; i < 2; ++i) {
        threads.emplace_back([&] { EXPECT_TRUE(small.engine.call(call).has_value()); });
    }
    for (int seen = inside; seen < 2; seen = inside) inside.wait(seen);
    const auto third = small.engine.call(call);
    EXPECT_EQ(third.error().code, ErrorCode::plugin_failed);
    EXPECT_NE(third.error().message.find("too many calls"), std::string::npos);
    auto other = call;
    other.interface_id = "y";
    EXPECT_TRUE(small.engine.call(other).has_value()) << "another interface is not harmed";
    for (auto& thread : threads) thread.join();
    EXPECT_TRUE(small.engine.call(call).has_value());
}

}  // namespace
}  // namespace rb::test
