// Every RPC × every kind of caller: who may call what is held against the options of the protos.

#include "core/identity/permission.hpp"
#include "core/identity/user_service.hpp"

#include "server/app/foundation.hpp"
#include "server/middleware/access_table.hpp"
#include "support/running_server.hpp"

#include <gtest/gtest.h>
#include <rustbill/access.pb.h>

namespace rb::server {
namespace {

using test::call_json;
using test::HttpFields;

struct Caller {
    std::string name;
    HttpFields fields;
    // What the credential is worth, as plain facts the rule on a method is held against.
    bool is_customer = false;
    std::set<std::string> admin_permissions = {};
    std::set<std::string> key_scopes = {};
    bool is_known() const {
        return is_customer || !admin_permissions.empty() || !key_scopes.empty();
    }
};

// An independent reading of the option, so that a mistake in decide() does not hide itself.
std::string expected_refusal(const rustbill::access::Access& rule, const Caller& caller) {
    if (rule.public_()) return "";
    if (!caller.is_known()) return "unauthenticated";
    if (rule.customer() && caller.is_customer) return "";
    const auto grants = [](const std::set<std::string>& held, const std::string& wanted) {
        return !wanted.empty() && (held.contains(wanted) || held.contains("*"));
    };
    if (grants(caller.admin_permissions, rule.admin())) return "";
    if (!caller.admin_permissions.empty() && rule.admin() == "self") return "";
    if (grants(caller.key_scopes, rule.api_key())) return "";
    return "permission_denied";
}

std::set<std::string> role_permissions(std::string_view role) {
    const auto permissions = core::permissions_of_role(role);
    return {permissions.begin(), permissions.end()};
}

class EveryCaller : public test::RunningServer {
protected:
    // Makes an administrator of the role, and signs him in.
    Caller admin_of(const std::string& role) {
        Foundation base(config, log);
        EXPECT_FALSE(base.open_database(config.db).has_error());
        core::UserService users(*base.database, base.passwords, base.clock, base.ids);
        const auto made = users.create(
            {.username = "role-" + role, .password = test::admin_password, .role = role},
            core::ActorStamp::command_line());
        EXPECT_FALSE(made.has_error()) << made.error().message;
        return {.name = "admin of role " + role,
                .fields = sign_in_admin("role-" + role, test::admin_password),
                .admin_permissions = role_permissions(role)};
    }
    // A customer who may make keys, with a key of these scopes.
    Caller key_of(const HttpFields& customer, const std::vector<std::string>& scopes) {
        const nlohmann::json request = {{"name", "walk"}, {"scopes", scopes}};
        const auto answer =
            call_json(origin, "downstream.ApiKeyService/CreateApiKey", request.dump(), customer);
        EXPECT_EQ(answer.code, "") << answer.message;
        const auto key = nlohmann::json::parse(answer.body).value("apiKey", "");
        return {.name = "API key of " + std::to_string(scopes.size()) + " scopes",
                .fields = {{"x-api-key", key}},
                .key_scopes = {scopes.begin(), scopes.end()}};
    }
    std::string token_with(const std::string& secret, std::chrono::hours expires_in) {
        const auto now = std::chrono::floor<std::chrono::seconds>(system::SystemClock().now());
        return crypto::JwtAccessTokens(secret).issue(
            {.user = core::UserId(*Uuid::parse("01920000-0000-7000-8000-000000000001")),
             .customer = core::CustomerId(*Uuid::parse("01920000-0000-7000-8000-000000000002")),
             .family = *Uuid::parse("01920000-0000-7000-8000-000000000003"),
             .id = *Uuid::parse("01920000-0000-7000-8000-000000000004"),
             .issued_at = now - std::chrono::hours(48),
             .expires_at = now + expires_in});
    }
    std::vector<Caller> callers() {
        const auto customer = sign_in_customer("walker");
        database->run("UPDATE customers SET can_create_api_keys = true");
        std::vector<std::string> all_scopes;
        for (const auto scope : core::all_api_key_scopes()) all_scopes.emplace_back(scope);
        const auto bearer = [](const std::string& token) {
            return HttpFields{{"authorization", "Bearer " + token}};
        };
        return {
            {.name = "anonymous", .fields = {}},
            {.name = "expired token",
             .fields = bearer(token_with(config.jwt.secret, std::chrono::hours(-1)))},
            {.name = "forged token",
             .fields = bearer(token_with(std::string(48, 'x'), std::chrono::hours(1)))},
            {.name = "token of nobody",
             .fields = bearer(token_with(config.jwt.secret, std::chrono::hours(1)))},
            {.name = "forged session",
             .fields = {{"cookie", "rustbill_session=" + std::string(43, 'A')}}},
            {.name = "unknown key", .fields = {{"x-api-key", "rbk_" + std::string(43, 'A')}}},
            {.name = "customer", .fields = customer, .is_customer = true},
            key_of(customer, all_scopes),
            key_of(customer, {"orders.read"}),
            admin_of("admin"),
            admin_of("finance"),
            admin_of("support"),
            admin_of("readonly"),
        };
    }
};

TEST_F(EveryCaller, gets_exactly_the_calls_that_the_method_s_option_gives_him) {
    const auto all = callers();
    int checked = 0;
    for (const auto* file : service_files()) {
        for (int i = 0; i < file->service_count(); ++i) {
            for (int j = 0; j < file->service(i)->method_count(); ++j) {
                const auto* method = file->service(i)->method(j);
                // It would end the credentials the walk goes on with; tested on its own.
                if (method->name() == "Logout") continue;
                const auto& rule = method->options().GetExtension(rustbill::access::access);
                const auto name = file->service(i)->full_name().substr(9) + "/" + method->name();
                for (const auto& caller : all) {
                    const auto outcome = call_json(origin, name, "{}", caller.fields);
                    const auto expected = expected_refusal(rule, caller);
                    if (!expected.empty()) {
                        EXPECT_EQ(outcome.code, expected) << name << " by " << caller.name;
                    } else if (!rule.public_()) {
                        EXPECT_NE(outcome.code, "unauthenticated")
                            << name << " by " << caller.name << ": " << outcome.message;
                        EXPECT_NE(outcome.code, "permission_denied")
                            << name << " by " << caller.name << ": " << outcome.message;
                    }
                    EXPECT_NE(outcome.code, "no_answer") << name << " by " << caller.name;
                    EXPECT_NE(outcome.code, "internal")
                        << name << " by " << caller.name << ": " << outcome.message;
                    ++checked;
                }
            }
        }
    }
    EXPECT_GT(checked, 700);
}

}  // namespace
}  // namespace rb::server
