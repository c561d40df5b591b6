#include "core/api_key/api_key_service.hpp"

#include "core/api_key/api_key_store.hpp"
#include "core/customer/customer_store.hpp"
#include "core/identity/permission.hpp"
#include "core/operation_log/operation_log.hpp"
#include "core/text.hpp"
#include "core/unit_of_work.hpp"

#include <algorithm>

namespace rb::core {

namespace {

Error customer_not_found() {
    return Error{.code = ErrorCode::not_found,
                 .message = "customer_id: there is no such customer",
                 .field = "customer_id"};
}

Error key_not_found() {
    return Error{
        .code = ErrorCode::not_found, .message = "id: there is no such API key", .field = "id"};
}

// Whose keys are meant: the actor's own when nobody is named.
Result<CustomerId> resolve_customer(const Actor& actor, std::optional<CustomerId> named) {
    if (!named && actor.is_staff()) return invalid_field("customer_id", "must name a customer");
    const auto customer = named.value_or(actor.customer);
    if (!actor.may_see(customer)) return customer_not_found();
    return customer;
}

std::vector<std::string> settled_scopes(std::vector<std::string> scopes) {
    if (scopes.empty()) {
        for (const auto scope : all_api_key_scopes()) scopes.emplace_back(scope);
    }
    std::ranges::sort(scopes);
    scopes.erase(std::unique(scopes.begin(), scopes.end()), scopes.end());
    return scopes;
}

Result<> check_may_create(UnitOfWork& unit, CustomerId id, Timestamp now) {
    // Locked, so that two calls at once cannot both take the last place.
    const auto customer = TRY(unit.customers().find_for_update(id));
    if (!customer) return customer_not_found();
    if (!customer->can_create_api_keys) {
        return Error{.code = ErrorCode::permission_denied,
                     .message = "permission_denied: this customer may not create API keys"};
    }
    if (TRY(unit.api_keys().count_valid(id, now)) >= limits::api_keys_per_customer_max) {
        return Error{.code = ErrorCode::failed_precondition,
                     .message = "at most " + std::to_string(limits::api_keys_per_customer_max) +
                                " API keys at a time; revoke one first"};
    }
    return {};
}

Operation key_operation(IdSource& ids, const Actor& actor, const ApiKey& key, std::string action,
                        Timestamp now) {
    return {.id = ids.next_id<OperationId>(),
            .by = ActorStamp::of(actor),
            .customer = key.customer,
            .action = std::move(action),
            .object_type = "api_key",
            .object_id = key.id.to_string(),
            .at = now};
}

}  // namespace

Result<CreatedApiKey> ApiKeyService::create(const Actor& actor, const NewApiKey& request) {
    const auto customer = TRY(resolve_customer(actor, request.customer));
    const auto name = trimmed(request.name);
    TRY(check_text(name,
                   {.field = "name", .chars_min = 1, .chars_max = limits::api_key_name_chars_max}));
    TRY(check_scopes(request.scopes));
    if (request.expires_at && *request.expires_at <= ports_.clock.now()) {
        return invalid_field("expires_at", "must be in the future");
    }

    return in_transaction(
        ports_.database, "create_api_key", [&](UnitOfWork& unit) -> Result<CreatedApiKey> {
            const auto now = ports_.clock.now();
            TRY(check_may_create(unit, customer, now));

            const auto text = new_api_key_text(ports_.random);
            ApiKey key{.id = ports_.ids.next_id<ApiKeyId>(),
                       .customer = customer,
                       .name = std::string(name),
                       .key_prefix = text.substr(0, api_key_prefix_chars),
                       .key_hash = ports_.digester.sha256(text),
                       .scopes = settled_scopes(request.scopes),
                       .created_at = now,
                       .expires_at = request.expires_at};
            if (!actor.user.is_nil()) key.created_by = actor.user;
            TRY(unit.api_keys().insert(key));
            auto operation = key_operation(ports_.ids, actor, key, "api_key.create", now);
            note_change(operation.changes, "name", "", key.name);
            note_change(operation.changes, "key_prefix", "", key.key_prefix);
            TRY(unit.operation_log().append(operation));
            return CreatedApiKey{.text = text, .key = key};
        });
}

Result<std::vector<ApiKey>> ApiKeyService::list(const Actor& actor,
                                                std::optional<CustomerId> named) {
    const auto customer = TRY(resolve_customer(actor, named));
    auto unit = TRY(ports_.database.begin());
    if (!TRY(unit->customers().find(customer))) return customer_not_found();
    return unit->api_keys().list_of(customer, ports_.clock.now());
}

Result<> ApiKeyService::revoke(const Actor& actor, ApiKeyId id) {
    return in_transaction(ports_.database, "revoke_api_key", [&](UnitOfWork& unit) -> Result<> {
        const auto key = TRY(unit.api_keys().find(id));
        if (!key || !actor.may_see(key->customer)) return key_not_found();
        if (!key->enabled) return {};
        TRY(unit.api_keys().disable(id));
        return unit.operation_log().append(
            key_operation(ports_.ids, actor, *key, "api_key.revoke", ports_.clock.now()));
    });
}

}  // namespace rb::core
