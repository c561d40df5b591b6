#include "server/middleware/access_table.hpp"

#include "server/middleware/access_layer.hpp"
#include "server/middleware/credential.hpp"

#include <gtest/gtest.h>

namespace rb::server {
namespace {

using transport::CallContext;
using transport::MethodRegistry;

// Every method of the product's .proto files, answered with nothing.
MethodRegistry complete_registry(const std::string& left_out = {}) {
    MethodRegistry registry;
    for (const auto* file : service_files()) {
        for (int i = 0; i < file->service_count(); ++i) {
            const auto* service = file->service(i);
            for (int j = 0; j < service->method_count(); ++j) {
                const auto path = "/" + service->full_name() + "/" + service->method(j)->name();
                if (path == left_out) continue;
                registry.add(path, transport::UnaryHandler(
                                       [](CallContext&, std::string_view) -> Result<std::string> {
                                           return std::string();
                                       }));
            }
        }
    }
    return registry;
}

TEST(AccessTable, reads_a_rule_for_every_method_of_the_wire) {
    const auto registry = complete_registry();
    const auto table = AccessTable::create(service_files(), registry);
    ASSERT_FALSE(table.has_error()) << table.error().message;
    EXPECT_EQ(table->rules().size(), registry.all().size());

    const auto& pay = table->rule_of("/rustbill.order.OrderService/PayOrder");
    EXPECT_FALSE(pay.is_public);
    EXPECT_TRUE(pay.customer);
    EXPECT_EQ(pay.admin, "orders.write");
    EXPECT_EQ(pay.api_key, "orders.write");
    EXPECT_TRUE(table->rule_of("/rustbill.product.ProductService/ListProducts").is_public);
}

TEST(AccessTable, a_method_without_a_handler_stops_the_start) {
    const std::string path = "/rustbill.order.OrderService/PayOrder";
    const auto table = AccessTable::create(service_files(), complete_registry(path));
    ASSERT_TRUE(table.has_error());
    EXPECT_EQ(table.error().message, path + " has no handler");
}

TEST(AccessTable, a_method_that_nobody_gave_a_rule_stops_the_start) {
    const auto files = service_files();
    // All but the first file, whose methods then stand in the registry without a rule.
    const auto table = AccessTable::create(std::span(files).subspan(1), complete_registry());
    ASSERT_TRUE(table.has_error());
    EXPECT_NE(table.error().message.find("nobody said who may call it"), std::string::npos);
}

TEST(AccessTable, no_other_proto_file_of_ours_declares_services) {
    // A new area that is forgotten in service_files() would be open to nobody, but silently.
    std::size_t methods = 0;
    for (const auto* file : service_files()) {
        for (int i = 0; i < file->service_count(); ++i) {
            methods += static_cast<std::size_t>(file->service(i)->method_count());
        }
    }
    EXPECT_EQ(service_files().size(), 12U);
    EXPECT_EQ(methods, complete_registry().all().size());
}

class AccessDecision : public testing::Test {
protected:
    ErrorCode refusal_of(const std::string& path, const core::Actor* actor,
                         const CredentialProblem* problem = nullptr) {
        class Answers final : public transport::Terminal {
        public:
            Result<transport::Response> run(CallContext&) override { return transport::Response{}; }
        };
        Answers terminal;
        CallContext call({.protocol = transport::Protocol::grpc,
                          .http_method = "POST",
                          .path = path,
                          .query = {},
                          .peer = {},
                          .method = registry_.find(path)});
        if (actor != nullptr) call.attributes().set(*actor);
        if (problem != nullptr) call.attributes().set(*problem);
        const auto outcome = layer_.handle(call, transport::Next({}, terminal));
        message_ = outcome.has_error() ? outcome.error().message : "";
        return outcome.has_error() ? outcome.error().code : ErrorCode::internal;
    }
    // What refusal_of() answers for a call that was let through.
    static constexpr auto let_through = ErrorCode::internal;

    MethodRegistry registry_ = complete_registry();
    AccessLayer layer_{*AccessTable::create(service_files(), registry_)};
    std::string message_;
};

TEST_F(AccessDecision, goes_by_the_rule_on_the_method) {
    const core::Actor customer{.kind = core::ActorKind::customer};
    const core::Actor reader{.kind = core::ActorKind::admin, .permissions = {"orders.read"}};
    const core::Actor key{.kind = core::ActorKind::api_key, .permissions = {"orders.write"}};
    const std::string list = "/rustbill.order.OrderService/ListOrders";
    const std::string refund = "/rustbill.order.OrderService/RefundOrder";
    EXPECT_EQ(refusal_of(list, nullptr), ErrorCode::unauthenticated);
    EXPECT_EQ(refusal_of(list, &customer), let_through);
    EXPECT_EQ(refusal_of(list, &reader), let_through);
    EXPECT_EQ(refusal_of(list, &key), ErrorCode::permission_denied);
    EXPECT_EQ(refusal_of(refund, &customer), ErrorCode::permission_denied);
    EXPECT_EQ(refusal_of(refund, &reader), ErrorCode::permission_denied);
}

TEST_F(AccessDecision, says_what_was_wrong_with_the_credential_where_one_is_needed) {
    const CredentialProblem problem{{ErrorCode::unauthenticated, "the token has expired"}};
    EXPECT_EQ(refusal_of("/rustbill.order.OrderService/ListOrders", nullptr, &problem),
              ErrorCode::unauthenticated);
    EXPECT_EQ(message_, "the token has expired");
    EXPECT_EQ(refusal_of("/rustbill.product.ProductService/ListProducts", nullptr, &problem),
              let_through);
}

}  // namespace
}  // namespace rb::server
