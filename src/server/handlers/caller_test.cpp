#include "server/handlers/caller.hpp"

#include "server/limits.hpp"
#include "server/middleware/client_address.hpp"

#include <gtest/gtest.h>

namespace rb::server {
namespace {

using transport::CallContext;

std::unique_ptr<CallContext> call_with(std::string_view name, std::string_view value) {
    transport::RequestInfo info{.http_method = "POST", .path = "/", .query = {}, .peer = {}};
    // As a parser does: the checks of what we send do not apply to what we are sent.
    info.fields.add_unchecked(name, value);
    return std::make_unique<CallContext>(std::move(info));
}

TEST(ActorOf, is_anonymous_with_address_and_request_id_without_a_credential) {
    const auto call = call_with("x-request-id", "req-7");
    call->attributes().set(ClientAddress{"203.0.113.7"});
    const auto actor = actor_of(*call);
    EXPECT_EQ(actor.kind, core::ActorKind::anonymous);
    EXPECT_EQ(actor.ip, "203.0.113.7");
    EXPECT_EQ(actor.request_id, "req-7");
}

TEST(IdempotencyKey, is_read_up_to_its_limit) {
    const auto key_of = [](const std::string& text) {
        return idempotency_key_of(*call_with("idempotency-key", text));
    };
    EXPECT_EQ((*key_of("retry-1"))->text, "retry-1");
    EXPECT_FALSE(key_of("")->has_value());
    EXPECT_FALSE(key_of(std::string(limits::idempotency_key_bytes_max, 'k')).has_error());
    EXPECT_EQ(key_of(std::string(limits::idempotency_key_bytes_max + 1, 'k')).error().field,
              "idempotency-key");
    EXPECT_TRUE(key_of("two words").has_error());
    EXPECT_TRUE(key_of("\xe9").has_error());
}

}  // namespace
}  // namespace rb::server
