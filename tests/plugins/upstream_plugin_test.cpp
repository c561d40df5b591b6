// provider-rustbill behind its port, against an upstream that answers what a test says. What it
// does with three real shops stands in tests/e2e/reselling_three_deep.py; here are the answers that
// those never give.

#include "plugins/grpc_web_peer.hpp"
#include "plugins/plugin_stage.hpp"

#include <gtest/gtest.h>
#include <rustbill/balance.pb.h>
#include <rustbill/instance.pb.h>
#include <rustbill/integration.pb.h>
#include <rustbill/order.pb.h>
#include <rustbill/product.pb.h>

#include <map>

namespace rb::test {
namespace {

using namespace core;
using plugin::Json;

struct Upstream : testing::Test {
    // What each method answers; without an entry: UNIMPLEMENTED.
    std::map<std::string, std::function<PeerAnswer(const PeerRequest&)>> answers;
    HttpPeer peer{[this](const PeerRequest& request) {
        const auto found = answers.find(grpc_method(request));
        return found == answers.end() ? grpc_error(12, "not here") : found->second(request);
    }};
    PluginStage stage;

    void answer(const std::string& method, const PeerAnswer& answer) {
        answers[method] = [answer](const PeerRequest&) { return answer; };
    }
    std::shared_ptr<Provider> provider() {
        return stage.provider(
            "provider-rustbill",
            Json{{"endpoint", peer.url()}, {"api_key", "rbk_secret"}, {"allow_private", true}}
                .dump());
    }
    std::size_t count(const std::string& method) {
        std::size_t calls = 0;
        for (const auto& request : peer.requests()) calls += grpc_method(request) == method ? 1 : 0;
        return calls;
    }
    static OpenRequest request() {
        return {.key = {"k-1"},
                .instance = {},
                .order = {},
                .name = "rb-1",
                .spec = {{"upstream_product_id", "p-1"}, {"cpu_cores", "2"}, {"color", "red"}},
                .billing_cycle = BillingCycle::yearly};
    }
    static InstanceRef ref(const std::string& id = "i-1") {
        return {.instance = {}, .provider_instance_id = id, .opened_with = {"k-1"}};
    }
    static rustbill::order::OrderInfo order(const std::string& status,
                                            const std::string& instance = "") {
        rustbill::order::OrderInfo info;
        info.set_id("o-1");
        info.set_status(status);
        info.set_notes("rustbill:k-1");
        info.set_instance_id(instance);
        return info;
    }
    void order_is(const std::string& status, const std::string& instance = "") {
        rustbill::order::CreateOrderResponse created;
        *created.mutable_order() = order(status, instance);
        answer("order.OrderService/CreateOrder", grpc_ok(created));
        rustbill::order::GetOrderResponse got;
        *got.mutable_order() = order(status, instance);
        answer("order.OrderService/GetOrder", grpc_ok(got));
        rustbill::order::ListOrdersResponse listed;
        *listed.add_orders() = order(status, instance);
        answer("order.OrderService/ListOrders", grpc_ok(listed));
    }
    void instance_is(const std::string& status) {
        rustbill::instance::GetInstanceResponse got;
        got.mutable_instance()->set_id("i-1");
        got.mutable_instance()->set_status(status);
        got.mutable_instance()->set_desired_status(status);
        got.mutable_instance()->set_ip_address("192.0.2.1");
        answer("instance.InstanceService/GetInstance", grpc_ok(got));
    }
    ErrorCode opening_ends_with() {
        const auto outcome = provider()->open(request());
        return outcome.has_error() ? outcome.error().code : ErrorCode::internal;
    }
    CommandRequest command(InstanceCommand which, const std::string& id = "i-1") {
        return {.command = which, .instance = ref(id), .key = {"c-1"}, .arguments = {}};
    }
};

TEST_F(Upstream, orders_with_the_key_pays_and_gives_the_server) {
    order_is("pending");
    answer("order.OrderService/PayOrder", grpc_ok(rustbill::order::PayOrderResponse()));
    rustbill::order::GetOrderResponse got;
    *got.mutable_order() = order("active", "i-1");
    answer("order.OrderService/GetOrder", grpc_ok(got));
    instance_is("running");
    const auto opened = provider()->open(request());
    ASSERT_TRUE(opened.has_value()) << opened.error().message;
    const auto& view = std::get<InstanceView>(*opened);
    EXPECT_EQ(view.provider_instance_id, "i-1");
    EXPECT_EQ(view.state, ProviderState::running);
    EXPECT_EQ(view.ip_addresses, std::vector<std::string>{"192.0.2.1"});
    EXPECT_EQ(view.opened_with_key, "k-1");

    const auto asked = peer.requests().at(0);
    EXPECT_EQ(asked.headers.at("x-api-key"), "rbk_secret");
    EXPECT_EQ(asked.headers.at("idempotency-key"), "k-1");
    const auto message = grpc_message<rustbill::order::CreateOrderRequest>(asked);
    EXPECT_EQ(message.product_id(), "p-1");
    EXPECT_EQ(message.billing_cycle(), "yearly");
    EXPECT_EQ(message.currency(), "CNY");
    EXPECT_EQ(message.notes(), "rustbill:k-1");
    EXPECT_EQ(message.server_spec().cpu_cores(), 2U);
    EXPECT_EQ(message.server_spec().extra_specs().at("color"), "red");
    EXPECT_FALSE(message.server_spec().extra_specs().contains("upstream_product_id"));
}

TEST_F(Upstream, an_order_without_a_product_upstream_is_refused_at_once) {
    auto nameless = request();
    nameless.spec.erase("upstream_product_id");
    EXPECT_EQ(provider()->open(nameless).error().code, ErrorCode::plugin_refused);
    EXPECT_TRUE(peer.requests().empty());
}

TEST_F(Upstream, what_is_still_opened_there_is_asked_for_again) {
    order_is("provisioning", "i-1");
    const auto opened = provider()->open(request());
    ASSERT_TRUE(opened.has_value()) << opened.error().message;
    const auto& accepted = std::get<Accepted>(*opened);
    EXPECT_EQ(accepted.operation, "open:o-1");
    EXPECT_TRUE(std::holds_alternative<Accepted>(*provider()->poll(ref(""), accepted.operation)));
    order_is("active", "i-1");
    instance_is("running");
    EXPECT_EQ(std::get<InstanceView>(*provider()->poll(ref(""), accepted.operation)).state,
              ProviderState::running);
    for (const auto* ended : {"cancelled", "refunded", "terminated"}) {
        order_is(ended, "");
        EXPECT_EQ(provider()->poll(ref(""), accepted.operation).error().code,
                  ErrorCode::plugin_refused);
    }
}

TEST_F(Upstream, an_order_that_cannot_be_paid_is_refused_and_dropped_there) {
    order_is("pending");
    answer("order.OrderService/PayOrder", grpc_error(9, "the balance does not cover 20.00"));
    EXPECT_EQ(opening_ends_with(), ErrorCode::plugin_refused);
    EXPECT_EQ(count("order.OrderService/CancelOrder"), 1U);
    // That it could not be dropped either is said, and changes nothing.
    EXPECT_TRUE(stage.log.holds("stays unpaid upstream"));
}

TEST_F(Upstream, a_payment_whose_answer_is_lost_is_not_dropped) {
    order_is("pending");
    answer("order.OrderService/PayOrder", {.hangs_up = true});
    EXPECT_EQ(opening_ends_with(), ErrorCode::outcome_unknown);
    EXPECT_EQ(count("order.OrderService/CancelOrder"), 0U);
}

TEST_F(Upstream, an_odd_answer_to_an_order_may_have_been_an_order) {
    rustbill::order::CreateOrderResponse created;
    *created.mutable_order() = order("pending");
    const auto whole = data_frame(created) + trailer_frame(0);
    const auto odd = [&](PeerAnswer answered) {
        answer("order.OrderService/CreateOrder", std::move(answered));
        return opening_ends_with();
    };
    EXPECT_EQ(odd({.status = 500, .body = "oops"}), ErrorCode::outcome_unknown);
    EXPECT_EQ(odd({.body = whole.substr(0, whole.size() - 3)}), ErrorCode::outcome_unknown);
    EXPECT_EQ(odd({.hangs_up = true}), ErrorCode::outcome_unknown);
    EXPECT_EQ(odd(grpc_error(13, "internal")), ErrorCode::outcome_unknown);
    EXPECT_EQ(odd(grpc_error(14, "draining")), ErrorCode::outcome_unknown);
    // Another message than the one that was asked for, and an empty one.
    rustbill::instance::GetInstanceResponse wrong;
    wrong.mutable_instance()->set_id("i-1");
    EXPECT_EQ(odd(grpc_ok(wrong)), ErrorCode::outcome_unknown);
    EXPECT_EQ(odd(grpc_ok(rustbill::order::CreateOrderResponse())), ErrorCode::outcome_unknown);
    // Turned away before anything was done, and refused for good.
    EXPECT_EQ(odd(grpc_error(8, "too many")), ErrorCode::plugin_failed);
    EXPECT_EQ(odd(grpc_error(3, "no such choice")), ErrorCode::plugin_refused);
    EXPECT_EQ(odd(grpc_error(16, "the key is revoked")), ErrorCode::plugin_refused);
}

TEST_F(Upstream, the_key_finds_the_order_whose_answer_was_lost) {
    order_is("active", "i-1");
    instance_is("running");
    EXPECT_EQ((*provider()->probe({"k-1"}))->provider_instance_id, "i-1");
    const auto asked = grpc_message<rustbill::order::ListOrdersRequest>(peer.requests().at(0));
    EXPECT_EQ(asked.search(), "rustbill:k-1");
    // Another order that the search came upon is not ours.
    EXPECT_FALSE(provider()->probe({"k-10"})->has_value());
    // What is not paid yet may be ordered again: the same key answers the same order.
    order_is("pending");
    EXPECT_FALSE(provider()->probe({"k-1"})->has_value());
    order_is("provisioning");
    const auto opening = *provider()->probe({"k-1"});
    EXPECT_EQ(opening->state, ProviderState::opening);
    EXPECT_EQ(opening->provider_instance_id, "order:o-1");
    order_is("cancelled");
    EXPECT_EQ((*provider()->probe({"k-1"}))->state, ProviderState::gone);
}

TEST_F(Upstream, a_key_that_is_refused_says_nothing_about_a_server) {
    for (const int status : {7, 12, 16}) {
        for (const auto* method : {"order.OrderService/ListOrders", "order.OrderService/GetOrder",
                                   "instance.InstanceService/GetInstance"}) {
            answer(method, grpc_error(status, "not with this key"));
        }
        EXPECT_EQ(provider()->probe({"k-1"}).error().code, ErrorCode::plugin_failed);
        EXPECT_EQ(provider()->inspect(ref()).error().code, ErrorCode::plugin_failed);
        EXPECT_EQ(provider()->poll(ref(), "open:o-1").error().code, ErrorCode::plugin_failed);
    }
    answer("instance.InstanceService/GetInstance", grpc_error(5, "no such instance"));
    EXPECT_EQ(provider()->inspect(ref())->state, ProviderState::gone);
}

TEST_F(Upstream, reads_each_state_of_a_server) {
    const std::map<std::string, ProviderState> states{
        {"provisioning", ProviderState::opening}, {"running", ProviderState::running},
        {"stopped", ProviderState::stopped},      {"suspended", ProviderState::suspended},
        {"terminated", ProviderState::gone},      {"error", ProviderState::failed}};
    for (const auto& [status, state] : states) {
        instance_is(status);
        const auto view = provider()->inspect(ref());
        ASSERT_TRUE(view.has_value()) << view.error().message;
        EXPECT_EQ(view->state, state) << status;
    }
}

TEST_F(Upstream, a_suspension_is_a_stop_there_and_remembered_here) {
    rustbill::instance::InstanceCommandResponse stopped;
    stopped.mutable_instance()->set_id("i-1");
    stopped.mutable_instance()->set_status("stopped");
    answer("instance.InstanceService/StopInstance", grpc_ok(stopped));
    ASSERT_TRUE(provider()->perform(command(InstanceCommand::suspend)).has_value());
    instance_is("stopped");
    EXPECT_EQ(provider()->inspect(ref())->state, ProviderState::suspended);
    answer("instance.InstanceService/StartInstance", grpc_ok(stopped));
    ASSERT_TRUE(provider()->perform(command(InstanceCommand::unsuspend)).has_value());
    EXPECT_EQ(provider()->inspect(ref())->state, ProviderState::stopped);
}

TEST_F(Upstream, waits_until_a_command_is_done_there) {
    rustbill::instance::InstanceCommandResponse taken;
    taken.mutable_instance()->set_id("i-1");
    taken.mutable_instance()->set_status("running");
    answer("instance.InstanceService/StopInstance", grpc_ok(taken));
    const auto outcome = provider()->perform(command(InstanceCommand::stop));
    const auto& accepted = std::get<Accepted>(*outcome);
    rustbill::instance::GetInstanceResponse under_way;
    under_way.mutable_instance()->set_status("running");
    under_way.mutable_instance()->set_desired_status("stopped");
    answer("instance.InstanceService/GetInstance", grpc_ok(under_way));
    EXPECT_TRUE(std::holds_alternative<Accepted>(*provider()->poll(ref(), accepted.operation)));
    instance_is("stopped");
    EXPECT_TRUE(std::holds_alternative<Done>(*provider()->poll(ref(), accepted.operation)));
    // Somebody there wants something else, or it broke: waiting is over.
    instance_is("running");
    EXPECT_EQ(provider()->poll(ref(), accepted.operation).error().code, ErrorCode::plugin_refused);
    instance_is("error");
    EXPECT_EQ(provider()->poll(ref(), accepted.operation).error().code, ErrorCode::plugin_refused);
    // Its own upstream refused it: suspended for a reason. Without one it is on its way.
    rustbill::instance::GetInstanceResponse held;
    held.mutable_instance()->set_status("suspended");
    held.mutable_instance()->set_desired_status("running");
    answer("instance.InstanceService/GetInstance", grpc_ok(held));
    EXPECT_TRUE(std::holds_alternative<Accepted>(*provider()->poll(ref(), "wait:i-1:running")));
    held.mutable_instance()->set_status_reason("the provider refused to resume the server");
    answer("instance.InstanceService/GetInstance", grpc_ok(held));
    EXPECT_EQ(provider()->poll(ref(), "wait:i-1:running").error().code, ErrorCode::plugin_refused);
    // What is being ended there may be broken meanwhile.
    rustbill::instance::GetInstanceResponse ending;
    ending.mutable_instance()->set_status("error");
    ending.mutable_instance()->set_desired_status("terminated");
    answer("instance.InstanceService/GetInstance", grpc_ok(ending));
    EXPECT_TRUE(std::holds_alternative<Accepted>(*provider()->poll(ref(), "wait:i-1:terminated")));
}

TEST_F(Upstream, ends_an_opening_by_its_order_and_what_is_gone_is_ended) {
    order_is("provisioning", "i-1");
    answer("order.OrderService/CancelOrder", grpc_ok(rustbill::order::CancelOrderResponse()));
    EXPECT_TRUE(provider()->perform(command(InstanceCommand::terminate, "")).has_value());
    EXPECT_EQ(count("order.OrderService/CancelOrder"), 1U);
    order_is("cancelled");
    EXPECT_TRUE(provider()->perform(command(InstanceCommand::terminate, "order:o-1")).has_value());
    EXPECT_EQ(count("order.OrderService/CancelOrder"), 1U);
    answer("order.OrderService/ListOrders", grpc_ok(rustbill::order::ListOrdersResponse()));
    EXPECT_TRUE(provider()->perform(command(InstanceCommand::terminate, "")).has_value());
    answer("instance.InstanceService/TerminateInstance", grpc_error(5, "no such instance"));
    EXPECT_TRUE(provider()->perform(command(InstanceCommand::terminate)).has_value());
    // What is still opened there has an id already, and is ended by its order all the same.
    order_is("provisioning", "i-1");
    answer("instance.InstanceService/TerminateInstance", grpc_error(9, "still being opened"));
    EXPECT_TRUE(provider()->perform(command(InstanceCommand::terminate)).has_value());
    EXPECT_EQ(count("order.OrderService/CancelOrder"), 2U);
    // Refused is not ended.
    order_is("active", "i-1");
    EXPECT_EQ(provider()->perform(command(InstanceCommand::terminate)).error().code,
              ErrorCode::plugin_refused);
}

rustbill::product::ListProductsResponse page_of_products(std::size_t first, std::size_t count) {
    rustbill::product::ListProductsResponse page;
    for (std::size_t i = first; i < first + count; ++i) {
        auto& product = *page.add_products();
        product.set_id("p-" + std::to_string(i));
        product.set_name("Product " + std::to_string(i));
        product.set_price("20.00");
        product.set_currency("USD");
        (*product.mutable_specs())["memory_gb"] = "1";
    }
    return page;
}

rustbill::integration::ListProvidersResponse forms() {
    rustbill::integration::ListProvidersResponse providers;
    const auto add = [](auto& form, const char* key, const char* type, std::int64_t min,
                        std::int64_t max, const std::vector<std::string>& options) {
        auto& field = *form.add_fields();
        field.set_key(key);
        field.set_label(key);
        field.set_field_type(type);
        field.set_required(true);
        field.set_min(min);
        field.set_max(max);
        for (auto& option : options) field.add_options(option);
    };
    auto& first = *providers.add_providers()->mutable_spec_template();
    add(first, "cpu_cores", "Integer", 1, 8, {});
    add(first, "disk_gb", "Integer", 1, 0, {});  // no most
    add(first, "os", "OsOptions", 0, 0, {"debian-12"});
    add(first, "mode", "Select", 0, 0, {"a"});
    add(first, "upstream_product_id", "String", 0, 0, {});
    auto& second = *providers.add_providers()->mutable_spec_template();
    add(second, "cpu_cores", "Integer", 2, 64, {});
    add(second, "os", "OsOptions", 0, 0, {"debian-12", "alpine-3.20"});
    add(second, "mode", "String", 0, 0, {});
    providers.add_providers();  // one whose form is broken shows none
    return providers;
}

TEST_F(Upstream, lists_its_whole_catalogue_with_its_own_currency) {
    answer("integration.IntegrationService/ListProviders", grpc_ok(forms()));
    answers["product.ProductService/ListProducts"] = [](const PeerRequest& request) {
        const auto asked = grpc_message<rustbill::product::ListProductsRequest>(request);
        EXPECT_TRUE(asked.is_active());
        const auto page = asked.pagination().page();
        return grpc_ok(page_of_products(page * 1000UL, page == 3 ? 7 : 100));
    };
    const auto items = provider()->catalogue();
    ASSERT_TRUE(items.has_value()) << items.error().message;
    EXPECT_EQ(items->size(), 207U);
    EXPECT_EQ(items->at(0).upstream_product_id, "p-1000");
    EXPECT_EQ(items->at(0).cost_by_cycle.at("monthly"), Money(2000, *Currency::parse("USD")));
    EXPECT_EQ(items->at(0).specs.at("memory_gb"), "1");
}

TEST_F(Upstream, a_part_of_a_catalogue_is_not_taken_for_the_whole) {
    answer("integration.IntegrationService/ListProviders", grpc_ok(forms()));
    answers["product.ProductService/ListProducts"] = [](const PeerRequest& request) {
        const auto asked = grpc_message<rustbill::product::ListProductsRequest>(request);
        if (asked.pagination().page() == 2) return grpc_error(14, "draining");
        return grpc_ok(page_of_products(0, 100));
    };
    EXPECT_EQ(provider()->catalogue().error().code, ErrorCode::plugin_failed);
    // More than one call may ask for is an error too.
    answer("product.ProductService/ListProducts", grpc_ok(page_of_products(0, 100)));
    const auto endless = provider()->catalogue();
    EXPECT_NE(endless.error().message.find("more than 4000 products"), std::string::npos)
        << endless.error().message;
}

TEST_F(Upstream, offers_what_may_be_chosen_there_once_it_was_asked) {
    const auto keys = [&] {
        std::map<std::string, SpecField> fields;
        const auto form = provider()->spec_template();
        EXPECT_TRUE(form.has_value()) << form.error().message;
        for (const auto& field : *form) fields.emplace(field.key, field);
        return fields;
    };
    EXPECT_TRUE(keys().contains("memory_gb"));
    EXPECT_TRUE(peer.requests().empty());
    answer("integration.IntegrationService/ListProviders", grpc_ok(forms()));
    answer("product.ProductService/ListProducts", grpc_ok(page_of_products(0, 1)));
    ASSERT_TRUE(provider()->catalogue().has_value());
    const auto learned = keys();
    EXPECT_TRUE(learned.at("upstream_product_id").required);
    EXPECT_FALSE(learned.contains("memory_gb"));
    EXPECT_EQ(learned.at("cpu_cores").min, 1);
    EXPECT_EQ(learned.at("cpu_cores").max, 64);
    EXPECT_FALSE(learned.at("cpu_cores").required);
    EXPECT_EQ(learned.at("disk_gb").min, 1);
    EXPECT_FALSE(learned.at("disk_gb").max.has_value());
    EXPECT_EQ(learned.at("os").options, (std::vector<std::string>{"debian-12", "alpine-3.20"}));
    EXPECT_EQ(learned.at("mode").field_type, "String");
    EXPECT_TRUE(learned.at("mode").options.empty());
}

TEST_F(Upstream, health_tells_of_the_key_the_scope_and_the_currency) {
    const auto health = [&] { return *provider()->health(); };
    answer("order.OrderService/ListOrders", grpc_error(16, "the API key is not valid"));
    EXPECT_FALSE(health().is_healthy);
    EXPECT_EQ(health().message, "the API key is not valid");
    answer("order.OrderService/ListOrders", grpc_ok(rustbill::order::ListOrdersResponse()));
    answer("instance.InstanceService/ListInstances", grpc_error(7, "lacks instances.read"));
    EXPECT_EQ(health().message, "lacks instances.read");
    answer("instance.InstanceService/ListInstances",
           grpc_ok(rustbill::instance::ListInstancesResponse()));
    rustbill::balance::GetBalanceResponse held;
    held.set_balance("5.00");
    held.set_currency("USD");
    answer("balance.BalanceService/GetBalance", grpc_ok(held));
    EXPECT_FALSE(health().is_healthy);
    EXPECT_NE(health().message.find("USD"), std::string::npos);
    held.set_currency("CNY");
    answer("balance.BalanceService/GetBalance", grpc_ok(held));
    EXPECT_TRUE(health().is_healthy);
    EXPECT_NE(health().message.find("5.00 CNY"), std::string::npos);
    answer("order.OrderService/ListOrders", {.status = 500, .body = "oops"});
    EXPECT_FALSE(health().is_healthy);
}

TEST_F(Upstream, lists_its_servers_page_by_page) {
    answers["instance.InstanceService/ListInstances"] = [](const PeerRequest& request) {
        const auto page =
            grpc_message<rustbill::instance::ListInstancesRequest>(request).pagination().page();
        rustbill::instance::ListInstancesResponse response;
        for (int i = 0; i < (page == 1 ? 100 : 2); ++i) {
            auto& found = *response.add_instances();
            found.set_id("i-" + std::to_string(page) + "-" + std::to_string(i));
            found.set_status(i == 0 ? "terminated" : "running");
        }
        return grpc_ok(response);
    };
    const auto first = provider()->list("");
    ASSERT_TRUE(first.has_value()) << first.error().message;
    EXPECT_EQ(first->instances.size(), 99U);
    EXPECT_EQ(first->next_cursor, "2");
    const auto last = provider()->list("2");
    EXPECT_EQ(last->instances.size(), 1U);
    EXPECT_EQ(last->next_cursor, "");
}

}  // namespace
}  // namespace rb::test
