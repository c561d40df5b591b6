#include "core/identity/permission.hpp"

#include <algorithm>
#include <array>

namespace rb::core {

namespace {

constexpr std::array<std::string_view, 4> roles{"admin", "finance", "support", "readonly"};

constexpr std::array<std::string_view, 25> permissions{
    "api_keys.read",  "api_keys.write",  "balance.read",  "balance.write",
    "customers.read", "customers.write", "events.read",   "events.write",
    "instances.read", "instances.write", "invoices.read", "invoices.write",
    "orders.read",    "orders.refund",   "orders.write",  "payments.confirm",
    "payments.read",  "payments.refund", "plugins.read",  "plugins.write",
    "products.read",  "products.write",  "self",          "tickets.read",
    "tickets.write"};

constexpr std::array<std::string_view, 8> scopes{
    "balance.read", "instances.read", "instances.write", "invoices.read",
    "orders.read",  "orders.write",   "payments.read",   "self.read"};

PermissionSet readonly_permissions() {
    PermissionSet set{"self"};
    for (const auto permission : permissions) {
        if (permission.ends_with(".read")) set.emplace(permission);
    }
    return set;
}

PermissionSet readonly_and(std::initializer_list<std::string_view> more) {
    auto set = readonly_permissions();
    for (const auto permission : more) set.emplace(permission);
    return set;
}

std::string joined(std::span<const std::string_view> words) {
    std::string text;
    for (const auto word : words) text += (text.empty() ? "" : ", ") + std::string(word);
    return text;
}

}  // namespace

std::span<const std::string_view> admin_roles() {
    return roles;
}
std::span<const std::string_view> all_permissions() {
    return permissions;
}
std::span<const std::string_view> all_api_key_scopes() {
    return scopes;
}

PermissionSet permissions_of_role(std::string_view role) {
    if (role == "admin") return {"*"};
    if (role == "finance") {
        return readonly_and({"balance.write", "invoices.write", "orders.refund", "payments.confirm",
                             "payments.refund"});
    }
    if (role == "support")
        return readonly_and({"instances.write", "orders.write", "tickets.write"});
    if (role == "readonly") return readonly_permissions();
    return {};
}

Result<> check_admin_role(std::string_view role) {
    if (std::ranges::find(roles, role) != roles.end()) return {};
    return invalid_field("role", "must be one of " + joined(roles));
}

Result<> check_scopes(const std::vector<std::string>& given) {
    for (const auto& scope : given) {
        if (std::ranges::find(scopes, scope) == scopes.end()) {
            return invalid_field("scopes", "may hold only " + joined(scopes));
        }
    }
    return {};
}

}  // namespace rb::core
