// provider-sandbox and gateway-banktransfer: nothing outside of the shop takes part.
#include "plugin/limits.hpp"

#include "plugins/plugin_stage.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace rb::test {
namespace {

using namespace core;

InstanceId instance_id() {
    return InstanceId(*Uuid::parse("018f0000-0000-7000-8000-000000000001"));
}

OpenRequest order(const std::string& key, const std::string& fault = "") {
    OpenRequest request{.key = {key},
                        .instance = instance_id(),
                        .order = {},
                        .name = "vm-1",
                        .spec = {{"cpu_cores", "1"}, {"memory_gb", "2"}}};
    if (!fault.empty()) request.spec["sandbox"] = fault;
    return request;
}

struct Sandbox : testing::Test {
    PluginStage stage;
    std::shared_ptr<Provider> sandbox = stage.provider("provider-sandbox", "{}");

    InstanceRef opened(const std::string& key, const std::string& fault = "") {
        const auto outcome = sandbox->open(order(key, fault));
        EXPECT_TRUE(outcome.has_value()) << outcome.error().message;
        const auto* view = std::get_if<InstanceView>(&*outcome);
        EXPECT_NE(view, nullptr);
        return {instance_id(), view == nullptr ? "" : view->provider_instance_id, {key}};
    }
    Result<> perform(const InstanceRef& server, InstanceCommand command, StringMap arguments = {}) {
        const auto done = sandbox->perform({.command = command,
                                            .instance = server,
                                            .key = {"k"},
                                            .arguments = std::move(arguments)});
        if (done.has_error()) return done.error();
        EXPECT_TRUE(std::holds_alternative<Done>(*done));
        return {};
    }
};

TEST_F(Sandbox, says_that_it_is_one_and_what_it_can) {
    EXPECT_TRUE(sandbox->is_sandbox());
    EXPECT_EQ(sandbox->type(), "FirstPartyProvider");
    EXPECT_EQ(sandbox->capabilities().size(), 21U);
    EXPECT_FALSE(sandbox->capabilities().contains(ProviderCapability::catalogue));
    EXPECT_TRUE(sandbox->health()->is_healthy);
    EXPECT_FALSE(stage.provider("provider-sandbox", R"({"healthy":false})")->health()->is_healthy);
    const auto fields = *sandbox->spec_template();
    EXPECT_EQ(fields.front().key, "cpu_cores");
    EXPECT_EQ(fields.front().max, 64);
    EXPECT_EQ(fields.back().options.size(), 8U);
    EXPECT_EQ(sandbox->catalogue().error().code, ErrorCode::unsupported);
}

TEST_F(Sandbox, Pain14_a_template_that_was_learned_serves_without_asking_and_outlives_a_failure) {
    // A template that differs at every call shows when the script was asked.
    const auto provider = std::make_shared<plugin::ScriptProvider>(stage.load_text(R"(
pub fn manifest() {
    #{ id: "provider-counting", "type": "FirstPartyProvider", name: "n", version: "1", capabilities: [],
       grants: #{ modules: ["kv"] } }
}
pub fn spec_template(config) {
    let asked = match host::kv::get("asked") { Some(text) => text.parse::<i64>()? + 1, None => 1 };
    host::kv::put("asked", asked.to_string());
    if asked == 3 { return Err(#{ kind: "failed", message: "unreachable" }); }
    [#{ key: `field_${asked}`, field_type: "String" }]
}
)",
                                                                                   "{}"));
    const auto key = [&] { return provider->spec_template()->front().key; };
    EXPECT_EQ(key(), "field_1");
    stage.clock.time += std::chrono::hours(1000);
    EXPECT_EQ(key(), "field_1");
    EXPECT_FALSE(provider->refresh_spec_template().has_error());
    EXPECT_EQ(key(), "field_2");
    EXPECT_TRUE(provider->refresh_spec_template().has_error());
    EXPECT_EQ(key(), "field_2");
    EXPECT_FALSE(provider->refresh_spec_template().has_error());
    EXPECT_EQ(key(), "field_4");
}

TEST_F(Sandbox, opens_one_server_per_key_however_often_it_is_asked) {
    const auto first = opened("key-1");
    const auto again = opened("key-1");
    EXPECT_EQ(first.provider_instance_id, again.provider_instance_id);
    EXPECT_NE(opened("key-2").provider_instance_id, first.provider_instance_id);
    EXPECT_EQ(sandbox->list("")->instances.size(), 2U);
    const auto view = *sandbox->inspect(first);
    EXPECT_EQ(view.state, ProviderState::running);
    EXPECT_EQ(view.ip_addresses.size(), 1U);
    EXPECT_EQ(view.opened_with_key, "key-1");
}

TEST_F(Sandbox, lives_through_its_states_to_the_end) {
    const auto server = opened("key-1");
    const auto state = [&] { return sandbox->inspect(server)->state; };
    ASSERT_TRUE(perform(server, InstanceCommand::stop));
    EXPECT_EQ(state(), ProviderState::stopped);
    ASSERT_TRUE(perform(server, InstanceCommand::stop)) << "doing what is done already is done";
    ASSERT_TRUE(perform(server, InstanceCommand::start));
    EXPECT_EQ(state(), ProviderState::running);
    ASSERT_TRUE(perform(server, InstanceCommand::suspend));
    EXPECT_EQ(state(), ProviderState::suspended);
    ASSERT_TRUE(perform(server, InstanceCommand::unsuspend));
    ASSERT_TRUE(perform(server, InstanceCommand::resize, {{"memory_gb", "8"}}));
    ASSERT_TRUE(perform(server, InstanceCommand::take_snapshot, {{"snapshot", "before"}}));
    ASSERT_TRUE(perform(server, InstanceCommand::restore_snapshot, {{"snapshot", "before"}}));
    EXPECT_EQ(perform(server, InstanceCommand::restore_snapshot, {{"snapshot", "no"}}).error().code,
              ErrorCode::plugin_refused);
    const auto description = *sandbox->describe(server);
    ASSERT_EQ(description.sections.size(), 3U);
    EXPECT_EQ(description.sections[2].fields[0].value, "before");
    EXPECT_EQ(description.actions.at(0).id, "wave");
    EXPECT_EQ(*sandbox->run_action(server, "wave", {}), "vm-1 waves back");
    EXPECT_EQ(sandbox->console(server)->protocol, "web");
    EXPECT_EQ(sandbox->metrics(server)->at("uptime_seconds"), "0");
    ASSERT_TRUE(perform(server, InstanceCommand::terminate));
    ASSERT_TRUE(perform(server, InstanceCommand::terminate));
    EXPECT_EQ(state(), ProviderState::gone);
    EXPECT_EQ(perform(server, InstanceCommand::start).error().code, ErrorCode::plugin_refused);
    EXPECT_TRUE(sandbox->list("")->instances.empty());
}

TEST_F(Sandbox, fault_fail_is_a_definite_no) {
    EXPECT_EQ(sandbox->open(order("k", "fail")).error().code, ErrorCode::plugin_refused);
    EXPECT_FALSE(sandbox->probe({"k"})->has_value());
}

TEST_F(Sandbox, fault_flaky_works_the_second_time) {
    EXPECT_EQ(sandbox->open(order("k", "flaky")).error().code, ErrorCode::plugin_failed);
    opened("k", "flaky");
}

TEST_F(Sandbox, fault_accept_is_done_when_asked_again) {
    const auto outcome = *sandbox->open(order("k", "accept"));
    const auto& accepted = std::get<Accepted>(outcome);
    EXPECT_EQ(accepted.retry_after, std::chrono::seconds(1));
    const InstanceRef server{instance_id(), "", {"k"}};
    auto polled = *sandbox->poll(server, accepted.operation);
    EXPECT_TRUE(std::holds_alternative<Accepted>(polled));
    polled = *sandbox->poll(server, accepted.operation);
    EXPECT_EQ(std::get<InstanceView>(polled).state, ProviderState::running);
}

// Whoever lost the operation's name still sees the opening come to its end.
TEST_F(Sandbox, fault_accept_is_done_when_probed_again) {
    (void)sandbox->open(order("k", "accept"));
    EXPECT_EQ((*sandbox->probe({"k"}))->state, ProviderState::opening);
    EXPECT_EQ((*sandbox->probe({"k"}))->state, ProviderState::running);
}

TEST_F(Sandbox, fault_stall_is_never_done) {
    const auto outcome = *sandbox->open(order("k", "stall"));
    const auto& operation = std::get<Accepted>(outcome).operation;
    const InstanceRef server{instance_id(), "", {"k"}};
    for (int i = 0; i < 5; ++i) {
        EXPECT_TRUE(std::holds_alternative<Accepted>(*sandbox->poll(server, operation)));
    }
}

TEST_F(Sandbox, fault_lose_answer_is_found_by_probing) {
    EXPECT_EQ(sandbox->open(order("k", "lose_answer")).error().code, ErrorCode::outcome_unknown);
    const auto found = *sandbox->probe({"k"});
    ASSERT_TRUE(found.has_value());
    EXPECT_EQ(found->state, ProviderState::running);
    EXPECT_EQ(opened("k", "lose_answer").provider_instance_id, found->provider_instance_id);
    EXPECT_EQ(sandbox->list("")->instances.size(), 1U);
}

TEST_F(Sandbox, fault_vanish_is_gone_later) {
    const auto server = opened("k", "vanish");
    EXPECT_EQ(sandbox->inspect(server)->state, ProviderState::running);
    EXPECT_EQ(sandbox->inspect(server)->state, ProviderState::running);
    EXPECT_EQ(sandbox->inspect(server)->state, ProviderState::gone);
}

TEST_F(Sandbox, fault_stuck_stop_never_stops) {
    const auto server = opened("k", "stuck_stop");
    EXPECT_EQ(perform(server, InstanceCommand::stop).error().code, ErrorCode::plugin_failed);
    EXPECT_EQ(sandbox->inspect(server)->state, ProviderState::running);
}

TEST_F(Sandbox, lists_page_by_page) {
    for (int i = 0; i < 205; ++i) opened("key-" + std::to_string(i));
    std::size_t seen = 0;
    std::string cursor;
    int pages = 0;
    do {
        const auto page = sandbox->list(cursor);
        ASSERT_TRUE(page.has_value()) << page.error().message;
        seen += page->instances.size();
        cursor = page->next_cursor;
        ++pages;
    } while (!cursor.empty());
    EXPECT_EQ(seen, 205U);
    EXPECT_EQ(pages, 3);
}

PaymentRequest payment() {
    return {.payment = PaymentId(*Uuid::parse("018f0000-0000-7000-8000-0000000000aa")),
            .amount = Money(2900, Currency::cny()),
            .description = "Order",
            .notify_url = "",
            .return_url = "",
            .payer_ip = ""};
}

TEST(BankTransfer, tells_where_to_pay_in_both_languages_with_one_reference) {
    PluginStage stage;
    const auto bank = stage.gateway(
        "gateway-banktransfer",
        R"({"payee":"示例科技","bank":"示例银行","account":"6200 0000","note_en":"Thank you."})");
    EXPECT_TRUE(bank->capabilities().contains(GatewayCapability::manual_confirmation));
    EXPECT_TRUE(bank->health()->is_healthy);
    const auto told = bank->create_payment(payment());
    ASSERT_TRUE(told.has_value()) << told.error().message;
    EXPECT_EQ(told->gateway_payment_id.size(), 12U);
    for (const auto& text : {std::string("示例科技"), std::string("6200 0000"),
                             std::string("29.00 CNY"), std::string("收款人"), std::string("Payee"),
                             std::string("Thank you."), told->gateway_payment_id}) {
        EXPECT_NE(told->instructions.find(text), std::string::npos) << text;
    }
    EXPECT_EQ(bank->create_payment(payment())->gateway_payment_id, told->gateway_payment_id);
    const PaymentRef asked{.payment = payment().payment,
                           .gateway_payment_id = told->gateway_payment_id,
                           .gateway_tx_id = "",
                           .amount = payment().amount};
    EXPECT_EQ(bank->query(asked).error().code, ErrorCode::unsupported);
}

TEST(BankTransfer, speaks_one_language_when_asked) {
    PluginStage stage;
    const auto bank = stage.gateway("gateway-banktransfer",
                                    R"({"payee":"A","bank":"B","account":"1","language":"zh"})");
    const auto told = *bank->create_payment(payment());
    EXPECT_EQ(told.instructions.find("Payee"), std::string::npos);
    EXPECT_NE(told.instructions.find("收款人"), std::string::npos);
}

}  // namespace
}  // namespace rb::test
