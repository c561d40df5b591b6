// Plugins against the real thing. Run by tests/plugins/with_peers.py, which starts the peers and
// names them in the environment; what has no peer is skipped.
#include "plugin/crypto/certificate.hpp"
#include "plugin/encoding/text_encoding.hpp"
#include "plugin/json.hpp"

#include "plugins/plugin_stage.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace rb::test {
namespace {

using namespace core;
using plugin::Json;

std::string environment(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
}

std::string file_text(const std::string& path) {
    std::ifstream file(path);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

#define NEEDS_PEER(variable) \
    if (environment(variable).empty()) GTEST_SKIP() << "no peer: " << (variable) << " is not set"

Json mail_config() {
    return {{"host", environment("RB_SMTP_HOST")},
            {"port", std::stoi(environment("RB_SMTP_PORT"))},
            {"username", environment("RB_SMTP_USER")},
            {"password", environment("RB_SMTP_PASSWORD")},
            {"from", "shop@example.com"},
            {"from_name", "易云"},
            {"footer_zh", "此邮件由系统发送"},
            {"ca", file_text(environment("RB_SMTP_CA"))},
            {"allow_private", true}};
}

Notification mail(const std::string& recipient) {
    return {.key = {"n-" + recipient},
            .template_name = "order.active",
            .recipient = recipient,
            .locale = "zh-CN",
            .subject = "您的服务器已开通",
            .text = "已开通",
            .html = "<p>已开通</p>",
            .data = {}};
}

TEST(Email, reaches_a_server_that_demands_starttls_and_a_password) {
    NEEDS_PEER("RB_SMTP_PORT");
    PluginStage stage;
    const auto email = stage.notifier("notifier-email", mail_config().dump());
    EXPECT_EQ(email->channel(), NotifierChannel::email);
    const auto health = email->health();
    ASSERT_TRUE(health.has_value()) << health.error().message;
    EXPECT_TRUE(health->is_healthy) << health->message;
    const auto sent = email->send(mail("anna@example.org"));
    ASSERT_TRUE(sent.has_value()) << sent.error().message;
    std::string taken;
    for (const auto& entry : std::filesystem::directory_iterator(environment("RB_SMTP_MAIL"))) {
        if (entry.path().extension() == ".eml") taken += file_text(entry.path());
    }
    EXPECT_NE(taken.find("To: anna@example.org"), std::string::npos);
    EXPECT_NE(taken.find("multipart/alternative"), std::string::npos);
    EXPECT_NE(taken.find("Content-Language: zh-CN"), std::string::npos);
}

// The parts of every mail the server has taken, decoded.
std::string mails_taken() {
    std::string text;
    for (const auto& entry : std::filesystem::directory_iterator(environment("RB_SMTP_MAIL"))) {
        if (entry.path().extension() != ".eml") continue;
        std::istringstream lines(file_text(entry.path()));
        std::string line;
        while (std::getline(lines, line)) {
            if (line.ends_with('\r')) line.pop_back();
            const auto decoded = plugin::base64_decode(line);
            text += decoded.has_value() ? *decoded : line + "\n";
        }
    }
    return text;
}

TEST(Email, says_it_in_the_language_of_the_reader_as_text_and_as_html) {
    NEEDS_PEER("RB_SMTP_PORT");
    PluginStage stage;
    auto config = mail_config();
    config["footer_en"] = "Sent by <RustBill>";
    const auto email = stage.notifier("notifier-email", config.dump());
    auto english = mail("bert@example.org");
    english.locale = "en";
    english.subject = "Your server is ready";
    english.text = "It runs.";
    english.html = "<p>It runs.</p>";
    ASSERT_TRUE(email->send(english).has_value());
    ASSERT_TRUE(email->send(mail("carl@example.org")).has_value());
    const auto taken = mails_taken();
    for (const auto* part :
         {"Content-Language: en", "Subject: Your server is ready", "It runs.\n\nSent by <RustBill>",
          "<p>It runs.</p>\n<p>Sent by &lt;RustBill&gt;</p>", "To: carl@example.org",
          "已开通\n\n此邮件由系统发送", "<p>已开通</p>"}) {
        EXPECT_NE(taken.find(part), std::string::npos) << part;
    }
}

TEST(Email, tells_a_refused_recipient_and_a_wrong_password) {
    NEEDS_PEER("RB_SMTP_PORT");
    PluginStage stage;
    const auto email = stage.notifier("notifier-email", mail_config().dump());
    EXPECT_EQ(email->send(mail("refused@example.org")).error().code, ErrorCode::plugin_refused);
    auto config = mail_config();
    config["password"] = "wrong";
    EXPECT_FALSE(stage.notifier("notifier-email", config.dump())->health()->is_healthy);
    config = mail_config();
    config.erase("ca");
    EXPECT_TRUE(
        stage.notifier("notifier-email", config.dump())->send(mail("anna@example.org")).has_error())
        << "a certificate nobody knows is not taken";
}

struct Incus : testing::Test {
    SystemStageClock clock;
    StageLog log;
    plugin::CurlHttpClient curl{log};
    PluginStage stage{curl, clock};
    InstanceId id = InstanceId(*Uuid::parse("018f0000-0000-7000-8000-000000000001"));

    static Json config() {
        return {{"endpoint", environment("RB_INCUS_URL")},
                {"client_certificate", file_text(environment("RB_INCUS_CERT"))},
                {"client_key", file_text(environment("RB_INCUS_KEY"))},
                {"server_certificate", file_text(environment("RB_INCUS_SERVER_CERT"))},
                {"image", environment("RB_INCUS_IMAGE")},
                {"console_url", "https://ui.example/instance/{name}/console"}};
    }
    // What Incus itself says of a field, wherever it stands in the instance.
    std::string told_by_incus(const std::string& name, const std::string& field) {
        plugin::HttpRequest request{.url = environment("RB_INCUS_URL") + "/1.0/instances/" + name};
        request.tls.client_cert_pem = file_text(environment("RB_INCUS_CERT"));
        request.tls.client_key_pem = file_text(environment("RB_INCUS_KEY"));
        request.tls.certificate_sha256 =
            *plugin::certificate_sha256(file_text(environment("RB_INCUS_SERVER_CERT")));
        const auto answer = curl.send(request, {.hosts = {{"127.0.0.1", true}}});
        EXPECT_TRUE(answer.has_value()) << answer.error().message;
        const auto instance = Json::parse(answer->body).at("metadata");
        const auto devices = instance.value("devices", Json::object());
        for (const auto& part :
             {instance, instance.value("config", Json::object()),
              devices.value("root", Json::object()), devices.value("eth0", Json::object())}) {
            if (part.contains(field)) return part.at(field).get<std::string>();
        }
        return "";
    }
    OpenRequest order(const std::string& key) const {
        return {.key = {key},
                .instance = id,
                .order = {},
                .name = "vm-1",
                .spec = {{"cpu_cores", "1"}, {"memory_gb", "1"}, {"disk_gb", "1"}}};
    }
    // Asks again until the outcome is final; Incus itself bounds each wait.
    InstanceView settle(Provider& incus, const InstanceRef& server, Result<OpenOutcome> outcome) {
        EXPECT_TRUE(outcome.has_value()) << outcome.error().message;
        if (outcome.has_error()) return {};
        if (const auto* view = std::get_if<InstanceView>(&*outcome)) return *view;
        const auto operation = std::get<Accepted>(*outcome).operation;
        for (int i = 0; i < 2000; ++i) {
            const auto polled = incus.poll(server, operation);
            EXPECT_TRUE(polled.has_value()) << polled.error().message;
            if (polled.has_error()) return {};
            if (const auto* view = std::get_if<InstanceView>(&*polled)) return *view;
        }
        ADD_FAILURE() << "never settled";
        return {};
    }
    static void perform(Provider& incus, const InstanceRef& server, InstanceCommand command,
                        StringMap arguments = {}) {
        const auto done = incus.perform({.command = command,
                                         .instance = server,
                                         .key = {"k"},
                                         .arguments = std::move(arguments)});
        ASSERT_TRUE(done.has_value()) << done.error().message;
        if (!std::holds_alternative<Accepted>(*done)) return;
        const auto operation = std::get<Accepted>(*done).operation;
        for (int i = 0; i < 2000; ++i) {
            const auto polled = incus.poll(server, operation);
            ASSERT_TRUE(polled.has_value()) << polled.error().message;
            if (!std::holds_alternative<Accepted>(*polled)) return;
        }
        FAIL() << "never settled";
    }
};

TEST_F(Incus, runs_a_real_container_from_order_to_termination) {
    NEEDS_PEER("RB_INCUS_URL");
    const auto incus = stage.provider("provider-incus", config().dump());
    const auto health = incus->health();
    ASSERT_TRUE(health.has_value()) << health.error().message;
    ASSERT_TRUE(health->is_healthy) << health->message;
    EXPECT_FALSE(incus->probe({"key-1"})->has_value());

    const auto view = settle(*incus, {id, "", {"key-1"}}, incus->open(order("key-1")));
    EXPECT_EQ(view.state, ProviderState::running);
    EXPECT_FALSE(view.ip_addresses.empty());
    EXPECT_EQ(view.opened_with_key, "key-1");
    const InstanceRef server{id, view.provider_instance_id, {"key-1"}};

    // The same key again is the same server, and a lost answer is found.
    const auto again = settle(*incus, server, incus->open(order("key-1")));
    EXPECT_EQ(again.provider_instance_id, view.provider_instance_id);
    EXPECT_EQ((*incus->probe({"key-1"}))->provider_instance_id, view.provider_instance_id);
    EXPECT_EQ(incus->list("")->instances.size(), 1U);

    const auto state = [&] { return incus->inspect(server)->state; };
    perform(*incus, server, InstanceCommand::stop);
    EXPECT_EQ(state(), ProviderState::stopped);
    perform(*incus, server, InstanceCommand::start);
    EXPECT_EQ(state(), ProviderState::running);
    perform(*incus, server, InstanceCommand::restart);
    EXPECT_EQ(state(), ProviderState::running);
    perform(*incus, server, InstanceCommand::suspend);
    EXPECT_EQ(state(), ProviderState::suspended);
    perform(*incus, server, InstanceCommand::unsuspend);
    EXPECT_EQ(state(), ProviderState::running);
    perform(*incus, server, InstanceCommand::resize, {{"cpu_cores", "2"}});
    perform(*incus, server, InstanceCommand::rename, {{"name", "my server"}});
    EXPECT_EQ(incus->inspect(server)->details.at("name"), "my server");
    EXPECT_EQ(told_by_incus(view.provider_instance_id, "description"), "my server");
    EXPECT_EQ(told_by_incus(view.provider_instance_id, "limits.cpu"), "2");
    EXPECT_EQ(told_by_incus(view.provider_instance_id, "size"), "1GiB") << "kept by a resize";
    perform(*incus, server, InstanceCommand::reset_password, {{"password", "s3cret pass"}});
    perform(*incus, server, InstanceCommand::take_snapshot, {{"snapshot", "before"}});
    const auto description = incus->describe(server);
    ASSERT_TRUE(description.has_value()) << description.error().message;
    EXPECT_EQ(description->sections.at(1).fields.at(0).key, "before");
    perform(*incus, server, InstanceCommand::restore_snapshot, {{"snapshot", "before"}});
    EXPECT_EQ(incus->console(server)->url,
              "https://ui.example/instance/" + view.provider_instance_id + "/console");
    const auto metrics = incus->metrics(server);
    ASSERT_TRUE(metrics.has_value()) << metrics.error().message;
    EXPECT_TRUE(metrics->contains("memory_bytes"));
    perform(*incus, server, InstanceCommand::terminate);
    EXPECT_EQ(state(), ProviderState::gone);
    perform(*incus, server, InstanceCommand::terminate);
}

TEST_F(Incus, limits_the_network_of_a_running_container_where_the_kernel_can) {
    NEEDS_PEER("RB_INCUS_URL");
    const auto incus = stage.provider("provider-incus", config().dump());
    const auto view = settle(*incus, {id, "", {"key-net"}}, incus->open(order("key-net")));
    const InstanceRef server{id, view.provider_instance_id, {"key-net"}};
    const auto limited = incus->perform({.command = InstanceCommand::resize,
                                         .instance = server,
                                         .key = {"k"},
                                         .arguments = {{"bandwidth_mbps", "50"}}});
    const bool kernel_cannot =
        limited.has_error() &&
        limited.error().message.find("Failed to load TC action module") != std::string::npos;
    if (limited.has_value()) {
        EXPECT_EQ(told_by_incus(view.provider_instance_id, "limits.max"), "50Mbit");
    } else {
        EXPECT_TRUE(kernel_cannot) << limited.error().message;
    }
    perform(*incus, server, InstanceCommand::terminate);
    if (kernel_cannot) GTEST_SKIP() << "this kernel has no act_police: no interface can be limited";
}

TEST_F(Incus, runs_a_virtual_machine_where_the_machine_can) {
    NEEDS_PEER("RB_INCUS_VM_IMAGE");
    auto machines = config();
    machines["instance_type"] = "virtual-machine";
    machines["secure_boot"] = false;
    machines["address_wait_seconds"] = 0;
    const auto incus = stage.provider("provider-incus", machines.dump());
    auto request = order("key-3");
    request.spec["os"] = environment("RB_INCUS_VM_IMAGE");
    const auto opened = incus->open(request);
    if (opened.has_error() &&
        opened.error().message.find("is not supported on this server") != std::string::npos) {
        EXPECT_EQ(opened.error().code, ErrorCode::plugin_refused);
        EXPECT_FALSE(incus->probe({"key-3"})->has_value());
        GTEST_SKIP() << opened.error().message;
    }
    const auto view = settle(*incus, {id, "", {"key-3"}}, opened);
    EXPECT_EQ(view.state, ProviderState::running);
    const InstanceRef server{id, view.provider_instance_id, {"key-3"}};
    perform(*incus, server, InstanceCommand::terminate);
    EXPECT_EQ(incus->inspect(server)->state, ProviderState::gone);
}

TEST_F(Incus, refuses_an_image_that_does_not_exist) {
    NEEDS_PEER("RB_INCUS_URL");
    const auto incus = stage.provider("provider-incus", config().dump());
    auto request = order("key-2");
    request.spec["os"] = "no-such-image";
    EXPECT_EQ(incus->open(request).error().code, ErrorCode::plugin_refused);
    EXPECT_FALSE(incus->probe({"key-2"})->has_value());
    const auto fields = incus->spec_template();
    ASSERT_TRUE(fields.has_value()) << fields.error().message;
    EXPECT_EQ(fields->back().options, std::vector<std::string>{environment("RB_INCUS_IMAGE")})
        << "images of virtual machines are not for containers";
}

TEST_F(Incus, speaks_to_no_server_with_another_certificate) {
    NEEDS_PEER("RB_INCUS_URL");
    auto other = config();
    other["server_certificate"] = file_text(environment("RB_INCUS_CERT"));
    const auto health = stage.provider("provider-incus", other.dump())->health();
    ASSERT_TRUE(health.has_value());
    EXPECT_FALSE(health->is_healthy);
}

TEST_F(Incus, is_reached_by_its_local_socket_too) {
    NEEDS_PEER("RB_INCUS_SOCKET");
    const auto local = Json{{"unix_socket", environment("RB_INCUS_SOCKET")}}.dump();
    const auto health = stage.provider("provider-incus", local)->health();
    ASSERT_TRUE(health.has_value()) << health.error().message;
    EXPECT_TRUE(health->is_healthy) << health->message;
}

}  // namespace
}  // namespace rb::test
