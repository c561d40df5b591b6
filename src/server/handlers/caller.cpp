#include "server/handlers/caller.hpp"

#include "server/limits.hpp"
#include "server/middleware/credential.hpp"

#include <algorithm>

namespace rb::server {

core::Actor actor_of(const transport::CallContext& call) {
    if (const auto* actor = call.attributes().find<core::Actor>()) return *actor;
    auto client = client_info_of(call);
    return {.request_id = std::move(client.request_id), .ip = std::move(client.ip)};
}

Result<std::optional<core::IdempotencyKey>> idempotency_key_of(const transport::CallContext& call) {
    const auto text = call.metadata().find("idempotency-key").value_or("");
    if (text.empty()) return std::optional<core::IdempotencyKey>();
    const bool printable = std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; });
    if (!printable || text.size() > limits::idempotency_key_bytes_max) {
        return invalid_field("idempotency-key",
                             "must be 1 to " + std::to_string(limits::idempotency_key_bytes_max) +
                                 " printable ASCII characters without blanks");
    }
    return std::optional(core::IdempotencyKey{std::string(text)});
}

Result<std::optional<std::string>> key_text_of(const transport::CallContext& call) {
    const auto key = TRY(idempotency_key_of(call));
    return key ? std::optional(key->text) : std::nullopt;
}

}  // namespace rb::server
