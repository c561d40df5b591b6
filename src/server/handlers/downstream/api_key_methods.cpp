#include "server/handlers/downstream/api_key_methods.hpp"

#include "server/handlers/caller.hpp"
#include "server/handlers/wire_values.hpp"

#include <rustbill/downstream.pb.h>

namespace rb::server {

namespace downstream_wire = rustbill::downstream;
using transport::CallContext;

namespace {

void fill(const core::ApiKey& key, downstream_wire::ApiKeyInfo& info) {
    info.set_id(key.id.to_string());
    info.set_key_prefix(key.key_prefix);
    info.set_name(key.name);
    info.set_enabled(key.enabled);
    info.set_created_at(time_text(key.created_at));
    info.set_last_used_at(time_text(key.last_used_at));
    info.set_expires_at(time_text(key.expires_at));
    for (const auto& scope : key.scopes) info.add_scopes(scope);
}

Result<downstream_wire::CreateApiKeyResponse> create(
    core::ApiKeyService& keys, const CallContext& call,
    const downstream_wire::CreateApiKeyRequest& request) {
    const core::NewApiKey key{
        .name = request.name(),
        .customer = TRY(parse_optional_id<core::CustomerId>(request.customer_id(), "customer_id")),
        .scopes = {request.scopes().begin(), request.scopes().end()},
        .expires_at = TRY(parse_optional_time(request.expires_at(), "expires_at"))};
    const auto created = TRY(keys.create(actor_of(call), key));
    downstream_wire::CreateApiKeyResponse response;
    response.set_api_key(created.text);
    response.set_key_prefix(created.key.key_prefix);
    response.set_id(created.key.id.to_string());
    return response;
}

}  // namespace

void add_api_key_methods(transport::MethodRegistry& registry, core::ApiKeyService& keys) {
    registry.unary<downstream_wire::CreateApiKeyRequest, downstream_wire::CreateApiKeyResponse>(
        "/rustbill.downstream.ApiKeyService/CreateApiKey",
        [&](CallContext& call, const auto& request) { return create(keys, call, request); });
    registry.unary<downstream_wire::ListApiKeysRequest, downstream_wire::ListApiKeysResponse>(
        "/rustbill.downstream.ApiKeyService/ListApiKeys",
        [&](CallContext& call,
            const auto& request) -> Result<downstream_wire::ListApiKeysResponse> {
            const auto customer =
                TRY(parse_optional_id<core::CustomerId>(request.customer_id(), "customer_id"));
            downstream_wire::ListApiKeysResponse response;
            for (const auto& key : TRY(keys.list(actor_of(call), customer))) {
                fill(key, *response.add_keys());
            }
            return response;
        });
    registry.unary<downstream_wire::RevokeApiKeyRequest, downstream_wire::RevokeApiKeyResponse>(
        "/rustbill.downstream.ApiKeyService/RevokeApiKey",
        [&](CallContext& call,
            const auto& request) -> Result<downstream_wire::RevokeApiKeyResponse> {
            const auto id = TRY(core::ApiKeyId::parse(request.id(), "id"));
            TRY(keys.revoke(actor_of(call), id));
            return downstream_wire::RevokeApiKeyResponse();
        });
}

}  // namespace rb::server
