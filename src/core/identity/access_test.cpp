#include "core/identity/access.hpp"

#include "core/identity/permission.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

namespace rb::core {
namespace {

Actor admin(std::string_view role) {
    return {.kind = ActorKind::admin, .permissions = permissions_of_role(role)};
}

Actor key(PermissionSet scopes) {
    return {.kind = ActorKind::api_key, .permissions = std::move(scopes)};
}

// Every kind of caller there is.
const std::map<std::string, Actor> callers{
    {"anonymous", Actor{}},
    {"customer", Actor{.kind = ActorKind::customer}},
    {"admin", admin("admin")},
    {"finance", admin("finance")},
    {"support", admin("support")},
    {"readonly", admin("readonly")},
    {"unknown role", admin("adm1n")},
    {"key orders.read", key({"orders.read"})},
    {"key orders.write", key({"orders.write"})},
    {"key *", key({"*"})},
    {"system", Actor::system()},
};

struct Question {
    const char* name;
    AccessRule rule;
    // Who may; everybody else is refused.
    std::vector<std::string> allowed;
};

const std::vector<Question> table{
    {"none", {}, {}},
    {"public",
     {.is_public = true},
     {"anonymous", "customer", "admin", "finance", "support", "readonly", "unknown role",
      "key orders.read", "key orders.write", "key *", "system"}},
    {"customer", {.customer = true}, {"customer"}},
    {"orders.read", {.admin = "orders.read"}, {"admin", "finance", "support", "readonly"}},
    {"orders.write", {.admin = "orders.write"}, {"admin", "support"}},
    {"orders.refund", {.admin = "orders.refund"}, {"admin", "finance"}},
    {"payments.confirm", {.admin = "payments.confirm"}, {"admin", "finance"}},
    {"tickets.write", {.admin = "tickets.write"}, {"admin", "support"}},
    {"plugins.write", {.admin = "plugins.write"}, {"admin"}},
    {"customers.write", {.admin = "customers.write"}, {"admin"}},
    {"self", {.admin = "self"}, {"admin", "finance", "support", "readonly"}},
    {"key orders.write", {.api_key = "orders.write"}, {"key orders.write"}},
    {"all three",
     {.customer = true, .admin = "orders.write", .api_key = "orders.read"},
     {"customer", "admin", "support", "key orders.read"}},
};

TEST(Access, allows_exactly_whom_the_rule_names) {
    for (const auto& row : table) {
        for (const auto& [name, actor] : callers) {
            const bool expected = std::ranges::find(row.allowed, name) != row.allowed.end();
            const auto verdict = decide(row.rule, actor);
            EXPECT_EQ(verdict.has_value(), expected) << row.name << " × " << name;
            if (verdict.has_value()) continue;
            const auto code = name == "anonymous" && !row.rule.is_empty()
                                  ? ErrorCode::unauthenticated
                                  : ErrorCode::permission_denied;
            EXPECT_EQ(verdict.error().code, code) << row.name << " × " << name;
        }
    }
}

TEST(Access, tells_which_permission_is_missing) {
    EXPECT_NE(
        decide({.admin = "orders.refund"}, admin("support")).error().message.find("orders.refund"),
        std::string::npos);
    EXPECT_NE(decide({.api_key = "orders.write"}, key({"orders.read"}))
                  .error()
                  .message.find("orders.write"),
              std::string::npos);
}

TEST(Roles, grant_only_permissions_that_exist) {
    for (const auto role : admin_roles()) {
        EXPECT_TRUE(check_admin_role(role).has_value());
        const auto granted = permissions_of_role(role);
        EXPECT_FALSE(granted.empty()) << role;
        for (const auto& permission : granted) {
            const auto& all = all_permissions();
            EXPECT_TRUE(permission == "*" || std::ranges::find(all, permission) != all.end());
        }
    }
    EXPECT_TRUE(permissions_of_role("customer").empty());
    EXPECT_EQ(check_admin_role("root").error().field, "role");
}

TEST(Roles, let_readonly_change_nothing) {
    for (const auto& permission : permissions_of_role("readonly")) {
        EXPECT_TRUE(permission.ends_with(".read") || permission == "self") << permission;
    }
}

TEST(Scopes, are_known_words) {
    EXPECT_TRUE(check_scopes({}).has_value());
    EXPECT_TRUE(check_scopes({"orders.read", "orders.write"}).has_value());
    EXPECT_EQ(check_scopes({"orders.read", "*"}).error().field, "scopes");
}

}  // namespace
}  // namespace rb::core
