#include "server/middleware/access_table.hpp"

#include "core/identity/permission.hpp"

#include <rustbill/access.pb.h>
#include <rustbill/balance.pb.h>
#include <rustbill/billing.pb.h>
#include <rustbill/customer.pb.h>
#include <rustbill/downstream.pb.h>
#include <rustbill/identity.pb.h>
#include <rustbill/instance.pb.h>
#include <rustbill/integration.pb.h>
#include <rustbill/order.pb.h>
#include <rustbill/payment.pb.h>
#include <rustbill/product.pb.h>
#include <rustbill/ticket.pb.h>
#include <rustbill/upstream.pb.h>

#include <algorithm>

namespace rb::server {

namespace {

// grpc.health and grpc.reflection: the transport's own, public by nature, answered before layers.
constexpr std::string_view transport_package = "/grpc.";

Error refused(std::string_view path, std::string_view rule) {
    return {ErrorCode::failed_precondition, std::string(path) + " " + std::string(rule)};
}

bool is_known(std::span<const std::string_view> words, std::string_view word) {
    // `self` belongs to every role and is granted to none by name.
    return word.empty() || word == "self" || std::ranges::find(words, word) != words.end();
}

Result<core::AccessRule> read_rule(const google::protobuf::MethodDescriptor& method,
                                   std::string_view path) {
    if (!method.options().HasExtension(rustbill::access::access)) {
        return refused(path, "does not declare who may call it (rustbill.access.access)");
    }
    const auto& option = method.options().GetExtension(rustbill::access::access);
    core::AccessRule rule{.is_public = option.public_(),
                          .customer = option.customer(),
                          .admin = option.admin(),
                          .api_key = option.api_key()};
    if (rule.is_empty()) return refused(path, "lets nobody in");
    if (!is_known(core::all_permissions(), rule.admin)) {
        return refused(path, "asks for the permission " + rule.admin + ", which no role can have");
    }
    if (!is_known(core::all_api_key_scopes(), rule.api_key)) {
        return refused(path, "asks for the scope " + rule.api_key + ", which no key can have");
    }
    return rule;
}

}  // namespace

Result<AccessTable> AccessTable::create(
    std::span<const google::protobuf::FileDescriptor* const> files,
    const transport::MethodRegistry& registry) {
    AccessTable table;
    for (const auto* file : files) {
        for (int i = 0; i < file->service_count(); ++i) {
            const auto* service = file->service(i);
            for (int j = 0; j < service->method_count(); ++j) {
                const auto* method = service->method(j);
                const auto path = "/" + service->full_name() + "/" + method->name();
                if (registry.find(path) == nullptr) return refused(path, "has no handler");
                table.rules_.emplace(path, TRY(read_rule(*method, path)));
            }
        }
    }
    for (const auto* method : registry.all()) {
        if (!method->path.starts_with(transport_package) && !table.rules_.contains(method->path)) {
            return refused(method->path, "is answered, but nobody said who may call it");
        }
    }
    return table;
}

const core::AccessRule& AccessTable::rule_of(std::string_view path) const {
    const auto found = rules_.find(std::string(path));
    ASSERT(found != rules_.end());
    return found->second;
}

std::vector<const google::protobuf::FileDescriptor*> service_files() {
    return {
        rustbill::identity::LoginRequest::descriptor()->file(),
        rustbill::product::ProductInfo::descriptor()->file(),
        rustbill::order::OrderInfo::descriptor()->file(),
        rustbill::billing::InvoiceInfo::descriptor()->file(),
        rustbill::payment::PaymentRecord::descriptor()->file(),
        rustbill::instance::InstanceInfo::descriptor()->file(),
        rustbill::balance::GetBalanceRequest::descriptor()->file(),
        rustbill::ticket::TicketInfo::descriptor()->file(),
        rustbill::integration::ProviderInfo::descriptor()->file(),
        rustbill::downstream::ApiKeyInfo::descriptor()->file(),
        rustbill::customer::CustomerInfo::descriptor()->file(),
        rustbill::upstream::UpstreamProductInfo::descriptor()->file(),
    };
}

}  // namespace rb::server
