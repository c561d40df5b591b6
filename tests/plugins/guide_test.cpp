// What docs/plugin-guide*.md show is real: the gateway in sixty lines is taken out of the page, in
// both languages, and run; the page's manifest loads; what the guide must name, it names.
#include "plugin/crypto/digest.hpp"
#include "plugin/encoding/text_encoding.hpp"
#include "plugin/host/module_names.hpp"
#include "plugin/script_capabilities.hpp"

#include "plugins/plugin_stage.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <sstream>

namespace rb::test {
namespace {

using namespace core;
using plugin::HashAlgorithm;
using plugin::Json;

constexpr std::array<const char*, 2> guides{"docs/plugin-guide.md", "docs/plugin-guide.zh-CN.md"};

std::string text_of(const std::string& path) {
    std::ifstream file(path);
    std::ostringstream text;
    text << file.rdbuf();
    EXPECT_FALSE(text.str().empty()) << path;
    return text.str();
}

// The fenced blocks of Rune.
std::vector<std::string> blocks_of(const std::string& page) {
    constexpr std::string_view open = "```rust\n";
    std::vector<std::string> blocks;
    for (auto at = page.find(open); at != std::string::npos; at = page.find(open, at)) {
        at += open.size();
        const auto end = page.find("```", at);
        blocks.push_back(page.substr(at, end - at));
        at = end;
    }
    return blocks;
}

// The block that is a whole gateway.
std::string gateway_of(const std::string& guide) {
    for (const auto& block : blocks_of(text_of(guide))) {
        if (block.find("pub fn create_payment") != std::string::npos) return block;
    }
    ADD_FAILURE() << guide << " shows no gateway";
    return "";
}

// The peer of the example: knows one payment, and answers only what is signed with its key.
class ExamplePeer final : public plugin::HttpClient {
public:
    plugin::HttpResult send(const plugin::HttpRequest& request,
                            const plugin::HttpPolicy&) override {
        const auto fields = *plugin::form_decode(request.url.substr(request.url.find('?') + 1));
        const bool is_signed = !fields.empty() && fields.back().first == "sign" &&
                               fields.back().second == sign({fields.begin(), fields.end() - 1});
        if (!is_signed) return plugin::HttpResponse{.status = 403, .body = "{}"};
        return plugin::HttpResponse{.status = 200,
                                    .body = R"({"state":"paid","tx":"T1","amount":"12.00"})"};
    }
    static std::string sign(const plugin::FieldList& fields) {
        return plugin::hex_encode(
            plugin::hmac(HashAlgorithm::sha256, "k3y", plugin::form_encode(fields)));
    }
};

struct Guide : testing::TestWithParam<std::string> {
    ExamplePeer peer;
    PluginStage stage{peer};
    PaymentId payment = PaymentId(*Uuid::parse("018f0000-0000-7000-8000-0000000000aa"));

    std::string source() const {
        return GetParam().ends_with(".md") ? gateway_of(GetParam()) : text_of(GetParam());
    }
    std::shared_ptr<Gateway> gateway() {
        return std::make_shared<plugin::ScriptGateway>(
            stage.load_text(source(), R"({"merchant":"m-1","key":"k3y"})"));
    }
};

TEST_P(Guide, its_gateway_has_at_most_sixty_lines_and_works) {
    if (GetParam().ends_with(".md")) {
        EXPECT_LE(std::ranges::count(source(), '\n'), 60);
    }
    const auto made = gateway()->create_payment({.payment = payment,
                                                 .amount = Money(1200, Currency::cny()),
                                                 .description = "Order",
                                                 .notify_url = "https://shop.example/notify",
                                                 .return_url = "",
                                                 .payer_ip = ""});
    ASSERT_TRUE(made.has_value()) << made.error().message;
    auto fields = *plugin::form_decode(made->payment_url.substr(made->payment_url.find('?') + 1));
    EXPECT_EQ(fields.back().second, ExamplePeer::sign({fields.begin(), fields.end() - 1}));
    EXPECT_EQ(made->payment_url.find("k3y"), std::string::npos);

    plugin::FieldList told{{"id", payment.to_string()}, {"tx", "T1"}, {"amount", "12.00"}};
    told.emplace_back("sign", ExamplePeer::sign(told));
    RawCallback callback{.method = "POST",
                         .path = "/x",
                         .query = "",
                         .headers = {},
                         .body = plugin::form_encode(told)};
    const auto read = gateway()->read_callback(callback);
    ASSERT_TRUE(read.has_value()) << read.error().message;
    EXPECT_EQ(read->kind, CallbackKind::paid);
    EXPECT_EQ(read->payment, payment);
    EXPECT_EQ(*read->amount, Money(1200, Currency::cny()));
    told[2].second = "0.01";
    callback.body = plugin::form_encode(told);
    EXPECT_EQ(gateway()->read_callback(callback).error().code, ErrorCode::plugin_refused);

    const auto found = gateway()->query({.payment = payment,
                                         .gateway_payment_id = "",
                                         .gateway_tx_id = "",
                                         .amount = Money(1200, Currency::cny())});
    ASSERT_TRUE(found.has_value()) << found.error().message;
    EXPECT_EQ(found->state, GatewayPaymentState::paid);
}

INSTANTIATE_TEST_SUITE_P(pages, Guide,
                         testing::Values("docs/plugin-guide.md", "docs/plugin-guide.zh-CN.md",
                                         "plugins/templates/gateway-example.rn"));

TEST(GuidePages, show_only_rune_that_loads) {
    PluginStage stage;
    for (const auto* guide : guides) {
        for (const auto& block : blocks_of(text_of(guide))) {
            if (block.find("pub fn manifest()") == std::string::npos) continue;
            // A manifest shown alone lacks the functions that its capabilities need.
            const auto source = block.find("pub fn create_payment") != std::string::npos
                                    ? block
                                    : block +
                                          "pub fn create_payment(config, request) { () }\n"
                                          "pub fn read_callback(config, callback) { () }\n";
            const auto loaded = stage.engine.load("", "", "guide.rn", source);
            EXPECT_TRUE(loaded.has_value()) << guide << ": " << loaded.error().message;
        }
    }
}

// Every function a plugin is called with, every capability and every host module stands on both
// pages.
TEST(GuidePages, leave_nothing_out) {
    std::vector<std::string> words;
    for (const auto name : plugin::host_module_names) words.push_back("host::" + std::string(name));
    for (const auto* function :
         {"http::request", "hash_hex",        "hmac_hex",          "rsa_sign",
          "rsa_verify",    "aes_gcm_encrypt", "aes_cbc_encrypt",   "random_bytes",
          "random_hex",    "base64_encode",   "base64_url_encode", "base64_decode",
          "hex_encode",    "hex_decode",      "url_encode",        "url_decode",
          "form_encode",   "form_decode",     "xml_parse",         "xml_write",
          "xml_escape",    "now()",           "now_ms()",          "rfc3339",
          "parse_rfc3339", "get_entry",       "compare_and_set",   "grpc_web::call",
          "spec_template", "rune check",      "rune test",         "rune record",
          ".cassette.json"}) {
        words.emplace_back(function);
    }
    const auto add = [&](PluginType type, const std::vector<std::string>& capabilities) {
        for (const auto& word : capabilities) {
            words.push_back(word);
            for (auto& function : plugin::needed_functions(type, {word})) {
                words.push_back(std::move(function));
            }
        }
    };
    add(PluginType::gateway,
        {"create_payment", "callback", "query", "refund", "manual_confirmation", "health"});
    add(PluginType::notifier, {"email", "webhook"});
    add(PluginType::first_party_provider, {"open",
                                           "inspect",
                                           "start",
                                           "stop",
                                           "restart",
                                           "suspend",
                                           "unsuspend",
                                           "resize",
                                           "reinstall",
                                           "reset_password",
                                           "rename",
                                           "take_snapshot",
                                           "restore_snapshot",
                                           "list_snapshots",
                                           "console",
                                           "metrics",
                                           "terminate",
                                           "list",
                                           "sections",
                                           "actions",
                                           "catalogue"});
    for (const auto* guide : guides) {
        const auto page = text_of(guide);
        for (const auto& word : words) {
            EXPECT_NE(page.find(word), std::string::npos) << guide << " does not name " << word;
        }
    }
}

}  // namespace
}  // namespace rb::test
