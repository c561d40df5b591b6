// What administrators' roles and API keys' scopes may do. Words as in the proto access option
// (proto/rustbill/access.proto): `<area>.<verb>`.
//
//   admin      "*", everything
//   finance    money: payments, refunds, invoices, balances; reads the rest
//   support    tickets, servers, orders; reads customers and money, moves none
//   readonly   reads everything, changes nothing
//
// `self` (one's own account) belongs to every role.

#pragma once

#include "base/result.hpp"

#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace rb::core {

using PermissionSet = std::set<std::string, std::less<>>;

// Over one's own account: password, second factors, sign-ins.
inline constexpr std::string_view own_account_permission = "self";

// The roles an administrator may have.
std::span<const std::string_view> admin_roles();

// Empty for a role that is none of admin_roles(): a typing error in a row grants nothing.
PermissionSet permissions_of_role(std::string_view role);

// ERRORS: invalid_argument  role is none of admin_roles(); the message lists them
Result<> check_admin_role(std::string_view role);

// Every permission the system knows, for the test that compares them with the proto files.
std::span<const std::string_view> all_permissions();
// What an API key may be limited to; a key without scopes may do all of them.
std::span<const std::string_view> all_api_key_scopes();

// ERRORS: invalid_argument  scopes: one is none of all_api_key_scopes()
Result<> check_scopes(const std::vector<std::string>& scopes);

}  // namespace rb::core
