// Who calls, as handlers ask it.

#pragma once

#include "base/result.hpp"

#include "core/identity/actor.hpp"
#include "core/plugin/plugin_call.hpp"

#include "transport/call_context.hpp"

#include <optional>

namespace rb::server {

// The actor of the credential; anonymous with address and request id when there was none.
core::Actor actor_of(const transport::CallContext& call);

// The metadata `idempotency-key`; nothing when it is absent or empty.
// ERRORS: invalid_argument  longer than limits::idempotency_key_bytes_max, or not printable ASCII
Result<std::optional<core::IdempotencyKey>> idempotency_key_of(const transport::CallContext& call);
// Its text alone, for rows.
Result<std::optional<std::string>> key_text_of(const transport::CallContext& call);

}  // namespace rb::server
